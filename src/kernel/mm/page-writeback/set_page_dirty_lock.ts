import type { Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import type { Page } from '../../include/page.js'
import { has } from '../../kernel.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'
import { set_page_dirty } from './set_page_dirty.js'

/** mm/page-writeback.c:set_page_dirty_lock: what who wrote to a page of user space does before letting go of it. */
export function* set_page_dirty_lock(page: Page): Steps {
  if (has('mutant-dirty-unlocked')) return yield* set_page_dirty(page)
  const folio = yield* compound_head(page)
  yield* folio_lock(folio)
  yield* set_page_dirty(page)
  yield* folio_unlock(folio)
}
