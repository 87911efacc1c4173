import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import { EEXIST, ENOENT } from '../../include/errno.js'
import { SWAP_HAS_CACHE, swap_count } from '../../include/swap_area.js'
import { kernel } from '../../kernel.js'

/*
 * mm/swapfile.c: the map of the swap area. What the kernel does with an entry of it under the lock of a cluster is one step. There are
 * no per-CPU caches of slots.
 */

const entry_of = (slot: number) => kernel().swap.swap_map[slot]!

/** mm/swap_slots.c:folio_alloc_swap. The first of `nr` free slots, which for a huge page are a cluster; undefined if there are none. */
export const folio_alloc_swap = (nr: number): Step<number | undefined> =>
  atomic('entry = folio_alloc_swap(folio)', (m) => {
    const { swap: { swap_map }, profile } = kernel()
    if (nr > 1 && !profile.thpSwap) return undefined
    const free = (first: number): boolean => swap_map.slice(first, first + nr).every((entry) => m.get(entry) === 0)
    for (let slot = 0; slot + nr <= swap_map.length; slot += nr) {
      if (!free(slot)) continue
      for (let i = 0; i < nr; i++) m.set(entry_of(slot + i), SWAP_HAS_CACHE)
      return slot
    }
    return undefined
  })

/** One more page-table entry points to the slot. */
export const swap_duplicate = (slot: number): Step<number> =>
  atomic('swap_duplicate(entry)', (m) => add(m, entry_of(slot), 1))

/** Returns what is left: 0 if the slot is free now. */
export const swap_free = (slot: number): Step<number> =>
  atomic('swap_free(entry)', (m) => add(m, entry_of(slot), -1))

/** For whoever brings the slot into memory: 0, -EEXIST if another is at it, -ENOENT if it is free. */
export const swapcache_prepare = (slot: number): Step<number> =>
  atomic('swapcache_prepare(entry)', (m) => {
    const entry = m.get(entry_of(slot))
    if (swap_count(entry) === 0) return -ENOENT
    if (entry & SWAP_HAS_CACHE) return -EEXIST
    m.set(entry_of(slot), entry | SWAP_HAS_CACHE)
    return 0
  })

/** Nobody is bringing the slot into memory any more. */
export const swapcache_clear = (slot: number): Step<void> =>
  atomic('swapcache_clear(entry)', (m) => m.set(entry_of(slot), m.get(entry_of(slot)) & ~SWAP_HAS_CACHE))

/** Nothing in memory belongs to the slots of a folio any more. */
export const put_swap_folio = (slot: number, nr: number): Step<void> =>
  atomic('put_swap_folio(folio, entry)', (m) => {
    for (let i = slot; i < slot + nr; i++) m.set(entry_of(i), m.get(entry_of(i)) & ~SWAP_HAS_CACHE)
  })

/** folio_swapped(), of the folio that has these slots: page-table entries point to any of them. */
export const folio_swapped = (slot: number, nr: number): Step<boolean> =>
  atomic('folio_swapped(folio)', (m) => {
    for (let i = slot; i < slot + nr; i++) if (swap_count(m.get(entry_of(i))) > 0) return true
    return false
  })

export function* __swap_count(slot: number): Steps<number> {
  return swap_count(yield* load(entry_of(slot), { label: '__swap_count(entry)' }))
}
