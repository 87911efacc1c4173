import type { Cell } from '../../engine/model/memory.js'
import type { Kernel } from '../kernel.js'
import { WwAcquireCtx } from './ww_mutex.js'

/** enum dma_resv_usage. Who asks for one gets those before it as well. */
export const DMA_RESV_USAGE = { KERNEL: 0, WRITE: 1, READ: 2, BOOKKEEP: 3 } as const
export type DmaResvUsage = (typeof DMA_RESV_USAGE)[keyof typeof DMA_RESV_USAGE]

/** struct dma_resv: the lock of a buffer object, and the fences of work that uses it. */
export class DmaResv {
  /** A ww_mutex. */
  readonly lock: Cell
  /** Each 0, or a pool reference to a fence times 4 plus its usage. */
  readonly fences: readonly Cell[]

  /** At set-up. With the first one every CPU gets what it may take several with. */
  constructor({ cells, cpus, wwContexts }: Kernel, name: string, slots: number) {
    if (wwContexts.length === 0) wwContexts.push(...cpus.map(({ index }) => new WwAcquireCtx(cells, index)))
    this.lock = cells.cell(`${name}.resv`)
    this.fences = cells.cells(`${name}.resv.fences`, slots)
  }
}
