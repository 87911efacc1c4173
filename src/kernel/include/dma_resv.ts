import type { Cell, Memory } from '../../engine/model/memory.js'

/** enum dma_resv_usage. Who asks for one gets those before it as well. */
export const DMA_RESV_USAGE = { KERNEL: 0, WRITE: 1, READ: 2, BOOKKEEP: 3 } as const
export type DmaResvUsage = (typeof DMA_RESV_USAGE)[keyof typeof DMA_RESV_USAGE]

/** struct dma_resv: the lock of a buffer object, and the fences of work that uses it. */
export class DmaResv {
  /** A ww_mutex. */
  readonly lock: Cell
  /** Each 0, or a pool reference to a fence times 4 plus its usage. */
  readonly fences: readonly Cell[]

  constructor(memory: Memory, name: string, slots: number) {
    this.lock = memory.cell(`${name}.resv`)
    this.fences = memory.cells(`${name}.resv.fences`, slots)
  }
}
