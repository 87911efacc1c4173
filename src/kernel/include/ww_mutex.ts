import type { Cell, Memory } from '../../engine/model/memory.js'

/**
 * struct ww_acquire_ctx. Each CPU has one, since contexts of one class do not nest. `stamp` is 0 outside of
 * ww_acquire_init() and ww_acquire_fini(), otherwise the place in the order of those under way: smaller is older.
 */
export class WwAcquireCtx {
  readonly stamp: Cell
  readonly acquired: Cell

  constructor(memory: Memory, readonly cpu: number) {
    this.stamp = memory.quiet(`cpu${cpu}.ww_ctx.stamp`)
    this.acquired = memory.quiet(`cpu${cpu}.ww_ctx.acquired`)
  }
}
