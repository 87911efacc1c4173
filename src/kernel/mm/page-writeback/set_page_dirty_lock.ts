import { setBits, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'

/** mm/page-writeback.c:set_page_dirty_lock: what who wrote to a page of user space does before letting go of it. */
export function* set_page_dirty_lock(page: Page): Steps {
  const folio = yield* compound_head(page)
  yield* folio_lock(folio)
  yield* setBits(folio.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  yield* folio_unlock(folio)
}
