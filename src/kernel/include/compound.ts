import { load, type Steps } from '../../engine/model/step.js'
import { kernel } from '../kernel.js'
import { PG_head } from './page_flags.js'
import type { Folio, Page } from './page.js'

/** include/linux/page-flags.h: the folio that holds the page, as of now. */
export function* compound_head(page: Page): Steps<Folio> {
  const head = yield* load(page.compound_head, { label: 'page_folio(page)' })
  return head ? kernel().page(head - 1) : page
}

export function* folio_test_large(folio: Folio): Steps<boolean> {
  return ((yield* load(folio.flags, { label: 'folio_test_large(folio)' })) & PG_head) !== 0
}

export function* PageCompound(page: Page): Steps<boolean> {
  if (yield* load(page.compound_head, { label: 'PageCompound(page)' })) return true
  return yield* folio_test_large(page)
}

/** Pages of a folio: 1, or those of a huge page. One of hugetlbfs counts as one. */
export function* folio_nr_pages(folio: Folio): Steps<number> {
  if (folio.hugetlb) return 1
  return (yield* folio_test_large(folio)) ? kernel().geometry.ptrsPerPte : 1
}

/** The n-th page of a large folio. */
export const nth_page = (folio: Folio, n: number): Page => kernel().page(folio.pfn + n)
