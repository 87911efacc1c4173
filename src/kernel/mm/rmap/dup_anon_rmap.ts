import { clearBits, fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'
import { folio_needs_cow_for_dma } from '../gup/folio_maybe_dma_pinned.js'

/**
 * include/linux/rmap.h:page_try_dup_anon_rmap, in fork(). False if the page is exclusive and may be pinned: then the
 * child needs a copy right away. Device-private pages cannot be pinned.
 */
export function* page_try_dup_anon_rmap(mm: Mm, folio: Folio, page: Page, compound: boolean): Steps<boolean> {
  const exclusive = (yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive
  if (exclusive || !has('6c287605fd56')) {
    const early = has(page.hugetlb ? '4eae4efa2c29' : '70e806e4e645') && !kernel().memory.isDevicePrivate(page)
    if (early && (yield* folio_needs_cow_for_dma(mm, folio))) return false
    yield* clearBits(page.flags, PG_anon_exclusive, { label: 'ClearPageAnonExclusive(page)' })
  }
  yield* fetchAdd(compound ? page.compound_mapcount : page._mapcount, 1, { label: '__page_dup_rmap(page)' })
  return true
}
