import { atomic, load, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import { folio_nr_pages, folio_test_large, nth_page } from '../../include/compound.js'
import { PG_dirty, PG_swapcache } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { folio_get, folio_ref_add, folio_ref_sub_and_test } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { try_get_folio } from '../gup/try_grab_folio.js'
import { folio_alloc_swap, put_swap_folio } from '../swapfile/swap_map.js'

/** page_private(page) of a page in the swap cache: its slot. Those of a huge page are a cluster. */
export function* slot_of(page: Page): Steps<number> {
  return (yield* load(page.private, { label: 'entry = folio_swap_entry(folio)' })) - 1
}

/** mm/swap_state.c:swap_cache_get_folio, with a reference. */
export function* swap_cache_get_folio(slot: number): Steps<Folio | undefined> {
  const pfn = yield* load(kernel().swap.i_pages[slot]!, { label: 'swap_cache_get_folio(entry)' })
  return pfn ? yield* try_get_folio(kernel().page(pfn - 1), 1) : undefined
}

/** mm/util.c:folio_file_page: the page of the folio that the slot is of. */
export function* folio_file_page(folio: Folio, slot: number): Steps<Page> {
  return (yield* folio_test_large(folio)) ? nth_page(folio, slot % kernel().geometry.ptrsPerPte) : folio
}

/** mm/swap_state.c:add_to_swap_cache. The slots are ours (SWAP_HAS_CACHE), the folio locked. */
export function* add_to_swap_cache(folio: Folio, slot: number, nr = 1): Steps {
  if (nr === 1) yield* folio_get(folio)
  else yield* folio_ref_add(folio, nr)
  yield* setBits(folio.flags, PG_swapcache, { label: 'folio_set_swapcache(folio)' })
  yield* atomic('add_to_swap_cache(): xas_store()', (m) => {
    for (let i = 0; i < nr; i++) {
      m.set(nth_page(folio, i).private, slot + i + 1)
      m.set(kernel().swap.i_pages[slot + i]!, folio.pfn + i + 1)
    }
  })
}

/** mm/swap_state.c:add_to_swap. False if there is no free slot, or no cluster for a huge page. */
export function* add_to_swap(folio: Folio): Steps<boolean> {
  const nr = yield* folio_nr_pages(folio)
  const slot = yield* folio_alloc_swap(nr)
  if (slot === undefined) return false
  yield* add_to_swap_cache(folio, slot, nr)
  if (has('9625456cc763')) yield* setBits(folio.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  return true
}

/** mm/swap_state.c:__delete_from_swap_cache, under the lock of the swap cache. The references that it held are the caller's. */
export const __delete_from_swap_cache = (folio: Folio, slot: number, nr: number): Step<void> =>
  atomic('__delete_from_swap_cache(folio)', (m) => {
    for (let i = 0; i < nr; i++) {
      m.set(kernel().swap.i_pages[slot + i]!, 0)
      m.set(nth_page(folio, i).private, 0)
    }
    m.set(folio.flags, m.get(folio.flags) & ~PG_swapcache)
  })

/** mm/swap_state.c:delete_from_swap_cache. The caller has another reference. */
export function* delete_from_swap_cache(folio: Folio): Steps {
  const slot = yield* slot_of(folio)
  const nr = yield* folio_nr_pages(folio)
  yield* __delete_from_swap_cache(folio, slot, nr)
  yield* put_swap_folio(slot, nr)
  yield* folio_ref_sub_and_test(folio, nr)
}
