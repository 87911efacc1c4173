import type { Cell, Memory } from '../../engine/model/memory.js'

/** The slot has a folio in the swap cache, or one is on its way there (include/linux/swap.h). */
export const SWAP_HAS_CACHE = 0x40
/** The rest of an entry of the map: page-table entries that point to the slot. */
export const swap_count = (entry: number): number => entry & ~SWAP_HAS_CACHE

/** The one swap device (struct swap_info_struct): synchronous and with stable writes, as zram is. */
export class SwapArea {
  /** si->swap_map: users, and SWAP_HAS_CACHE. */
  readonly swap_map: readonly Cell[]
  /** The swap cache: pfns plus one. */
  readonly i_pages: readonly Cell[]
  /** What is on the device. */
  readonly content: readonly Cell[]

  constructor(memory: Memory, slots: number) {
    this.swap_map = memory.cells('swap_map', slots)
    this.i_pages = memory.cells('swap_cache', slots)
    this.content = memory.cells('swap_content', slots)
  }
}
