import { clearBits, type Steps } from '../../../engine/model/step.js'
import { smp_mb, smp_mb__after_atomic } from '../../../machine/barrier.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { has } from '../../kernel.js'
import { folio_maybe_dma_pinned } from '../gup/folio_maybe_dma_pinned.js'

/**
 * include/linux/rmap.h:page_try_share_anon_rmap. The page is exclusive and its entry cleared, so that fast GUP that reads the
 * bit later sees the entry gone. False if it may be pinned: then it must stay exclusive.
 */
export function* page_try_share_anon_rmap(folio: Folio, page: Page): Steps<boolean> {
  yield* smp_mb()
  if (!has('mutant-share-pinned') && (yield* folio_maybe_dma_pinned(folio))) return false
  yield* clearBits(page.flags, PG_anon_exclusive, { label: 'ClearPageAnonExclusive(page)' })
  yield* smp_mb__after_atomic()
  return true
}
