import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Pooled } from '../pool.js'

/** struct dma_fence: says when work of a device has ended. It is signalled once, and never freed here. */
export class DmaFence implements Pooled {
  /** DMA_FENCE_FLAG_SIGNALED_BIT. */
  readonly signaled: Cell
  /** Who has a callback on it, and is asleep until it is called: a mask of CPUs. */
  readonly cb_list: Cell

  constructor(memory: Memory, readonly ref: number, readonly next: Cell) {
    this.signaled = memory.cell(`fence${ref - 1}.signaled`)
    this.cb_list = memory.cell(`fence${ref - 1}.cb_list`)
  }
}
