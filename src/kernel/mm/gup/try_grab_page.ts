import { fetchAdd, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import { FOLL_GET, FOLL_PIN } from '../../include/gup_flags.js'
import { GUP_PIN_COUNTING_BIAS, type Page } from '../../include/page.js'
import { folio_get, folio_ref_add, folio_ref_overflown } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'

/** mm/gup.c:try_grab_page. The page-table lock keeps the page from going away, so only an overflow makes it fail. */
export function* try_grab_page(page: Page, flags: number): Steps<boolean> {
  const folio = yield* compound_head(page)
  if (has('8fde12ca79af') && (yield* folio_ref_overflown(folio))) return false
  if (flags & FOLL_GET) yield* folio_get(folio)
  else if (flags & FOLL_PIN && page !== kernel().memory.zeroPage) {
    if (yield* folio_test_large(folio)) {
      yield* folio_ref_add(folio, 1)
      yield* fetchAdd(folio.compound_pincount, 1, { label: 'atomic_add(pincount)' })
    } else yield* folio_ref_add(folio, GUP_PIN_COUNTING_BIAS)
  }
  return true
}
