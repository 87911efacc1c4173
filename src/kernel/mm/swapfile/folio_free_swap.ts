import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { is_swapcache, PG_dirty, PG_head, PG_writeback } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { SWAP_HAS_CACHE } from '../../include/swap_area.js'
import { type Pte } from '../../include/pgtable.js'
import { swp_offset } from '../../include/swapops.js'
import { kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { folio_put } from '../swap/folio_put.js'
import { delete_from_swap_cache, slot_of, swap_cache_get_folio } from '../swap_state/swap_cache.js'
import { folio_swapped, swap_free } from './swap_map.js'

/** mm/swapfile.c:folio_free_swap. The folio is locked: it gives its slot back if no page-table entry points to that. */
export function* folio_free_swap(folio: Folio): Steps<boolean> {
  const flags = yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })
  if (!is_swapcache(flags) || flags & PG_writeback) return false
  if (yield* folio_swapped(yield* slot_of(folio), flags & PG_head ? kernel().geometry.ptrsPerPte : 1)) return false
  yield* delete_from_swap_cache(folio)
  yield* setBits(folio.flags, PG_dirty, { label: 'folio_set_dirty(folio)' })
  return true
}

/** mm/swap_state.c:free_swap_cache, of a page that is unmapped. No step in a kernel without swap. */
export function* free_swap_cache(page: Page): Steps {
  if (kernel().geometry.swapSlots === 0) return
  const folio = yield* compound_head(page)
  if (!is_swapcache(yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' }))) return
  if ((yield* folio_mapped(folio)) || !(yield* folio_trylock(folio))) return
  yield* folio_free_swap(folio)
  yield* folio_unlock(folio)
}

/** mm/swapfile.c:__try_to_reclaim_swap with TTRS_UNMAPPED: only the swap cache still knows the slot. */
export function* __try_to_reclaim_swap(slot: number): Steps {
  const folio = yield* swap_cache_get_folio(slot)
  if (!folio) return
  if (yield* folio_trylock(folio)) {
    if (!(yield* folio_mapped(folio))) yield* folio_free_swap(folio)
    yield* folio_unlock(folio)
  }
  yield* folio_put(folio)
}

/** mm/swapfile.c:free_swap_and_cache. A page-table entry that pointed to the slot goes. */
export function* free_swap_and_cache(entry: Pte): Steps {
  const slot = swp_offset(entry)
  if ((yield* swap_free(slot)) === SWAP_HAS_CACHE) yield* __try_to_reclaim_swap(slot)
}
