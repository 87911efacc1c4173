import { clearBits, fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { call_rcu } from '../../../machine/rcu.js'
import { compound_head } from '../../include/compound.js'
import { PG_active, PG_lru, PG_mlocked, PG_unevictable } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { folio_ref_sub_and_test } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { free_huge_page } from '../hugetlb/alloc_huge_page.js'
import { free_zone_device_page } from '../migrate_device/free_zone_device_page.js'
import { free_pages } from '../page_alloc.js'

/** mm/swap.c:__folio_put. Nobody else has a reference, so what follows is private to us. */
export function* __folio_put(folio: Folio): Steps {
  if (kernel().memory.isDevice(folio)) return yield* free_zone_device_page(folio)
  if (folio.hugetlb) return void (yield* free_huge_page(folio))
  const flags = yield* load(folio.flags, { label: 'folio_test_lru(folio)' })
  if (flags & PG_lru) yield* clearBits(folio.flags, PG_lru | PG_active | PG_unevictable, { label: 'lruvec_del_folio()' })
  if (flags & PG_mlocked) yield* clearBits(folio.flags, PG_mlocked, { label: '__folio_clear_mlocked()' })
  const head = kernel().pageHeads.get(folio)
  yield* head ? call_rcu(head) : free_pages(folio)
}

/** include/linux/mm.h:put_devmap_managed_page until 5.17, and with P2PDMA's third version: a page with one reference is free. */
export function* put_devmap_managed_page(folio: Folio, refs: number): Steps {
  const before = yield* fetchAdd(folio._refcount, -refs, { label: `page_ref_sub_return(page, ${refs})` })
  if (before - refs === 1) yield* kernel().memory.pagemapOf(folio)!.ops!.page_free(folio)
}

/** include/linux/mm.h:folio_put_refs */
export function* folio_put_refs(folio: Folio, refs: number): Steps {
  if (has('p2pdma-v3') && kernel().memory.isPciP2pdma(folio)) return yield* put_devmap_managed_page(folio, refs)
  if (yield* folio_ref_sub_and_test(folio, refs)) yield* __folio_put(folio)
}

export const folio_put = (folio: Folio): Steps => folio_put_refs(folio, 1)

/** include/linux/mm.h:put_page */
export function* put_page(page: Page): Steps {
  yield* folio_put_refs(yield* compound_head(page), 1)
}
