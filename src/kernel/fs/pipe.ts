import type { Steps } from '../../engine/model/step.js'
import { compound_head } from '../include/compound.js'
import type { Page } from '../include/page.js'
import { folio_get, folio_ref_count, folio_ref_overflown } from '../include/page_ref.js'
import { has } from '../kernel.js'

/** include/linux/mm.h:try_get_page. Look and increment are two steps: half of the range is left for who looks meanwhile. */
export function* try_get_page(page: Page): Steps<boolean> {
  const folio = yield* compound_head(page)
  const full = has('mutant-refcount-to-the-brim')
    ? (yield* folio_ref_count(folio)) === 0
    : has('15fab63e1e57') && (yield* folio_ref_overflown(folio))
  if (!full) yield* folio_get(folio)
  return !full
}

/** fs/pipe.c:generic_pipe_buf_get: tee(2) puts a page that is in a pipe into another one as well. False if it cannot. */
export const generic_pipe_buf_get = (page: Page): Steps<boolean> => try_get_page(page)
