import { atomic, load, setBits, type Steps } from '../../../engine/model/step.js'
import { PG_dirty, PG_swapcache } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get, folio_ref_sub_and_test } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { try_get_folio } from '../gup/try_grab_folio.js'
import { folio_alloc_swap, swapcache_clear } from '../swapfile/swap_map.js'

/** page_private(page) of a folio in the swap cache: its slot. */
export function* slot_of(folio: Folio): Steps<number> {
  return (yield* load(folio.private, { label: 'entry = folio_swap_entry(folio)' })) - 1
}

/** mm/swap_state.c:swap_cache_get_folio, with a reference. */
export function* swap_cache_get_folio(slot: number): Steps<Folio | undefined> {
  const pfn = yield* load(kernel().swap.i_pages[slot]!, { label: 'swap_cache_get_folio(entry)' })
  return pfn ? yield* try_get_folio(kernel().page(pfn - 1), 1) : undefined
}

/** mm/swap_state.c:add_to_swap_cache. The slot is ours (SWAP_HAS_CACHE), the folio locked. */
export function* add_to_swap_cache(folio: Folio, slot: number): Steps {
  yield* folio_get(folio)
  yield* setBits(folio.flags, PG_swapcache, { label: 'folio_set_swapcache(folio)' })
  yield* atomic('add_to_swap_cache(): xas_store()', (m) => {
    m.set(folio.private, slot + 1)
    m.set(kernel().swap.i_pages[slot]!, folio.pfn + 1)
  })
}

/** mm/swap_state.c:add_to_swap, of a folio of one page. False if there is no free slot. */
export function* add_to_swap(folio: Folio): Steps<boolean> {
  const slot = yield* folio_alloc_swap()
  if (slot === undefined) return false
  yield* add_to_swap_cache(folio, slot)
  yield* setBits(folio.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  return true
}

/** mm/swap_state.c:__delete_from_swap_cache, under the lock of the swap cache. The reference that it held is the caller's. */
export const __delete_from_swap_cache = (folio: Folio, slot: number) =>
  atomic('__delete_from_swap_cache(folio)', (m) => {
    m.set(kernel().swap.i_pages[slot]!, 0)
    m.set(folio.private, 0)
    m.set(folio.flags, m.get(folio.flags) & ~PG_swapcache)
  })

/** mm/swap_state.c:delete_from_swap_cache. The caller has another reference. */
export function* delete_from_swap_cache(folio: Folio): Steps {
  const slot = yield* slot_of(folio)
  yield* __delete_from_swap_cache(folio, slot)
  yield* swapcache_clear(slot)
  yield* folio_ref_sub_and_test(folio, 1)
}
