import { atomic, clearBits, setBits, type Steps } from '../../../engine/model/step.js'
import { PG_dirty, PG_writeback } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'
import { folio_mkclean } from '../rmap/folio_mkclean.js'

/** mm/page-writeback.c:folio_clear_dirty_for_io. The folio is locked. Whether there is something to write. */
export function* folio_clear_dirty_for_io(folio: Folio): Steps<boolean> {
  if (yield* folio_mkclean(folio)) yield* setBits(folio.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  return ((yield* clearBits(folio.flags, PG_dirty, { label: 'folio_test_clear_dirty()' })) & PG_dirty) !== 0
}

/** The disk reads the page. */
const submit_bio = (folio: Folio) =>
  atomic('submit_bio(): disk reads page', (m) => {
    m.get(folio.content)
    for (const observer of kernel().observers) observer.writesBack?.(m, folio)
  })

/** mm/page-writeback.c:folio_write_one, and what a filesystem's writepage does. The caller has a reference. */
export function* write_one_page(folio: Folio): Steps<boolean> {
  yield* folio_lock(folio)
  const dirty = yield* folio_clear_dirty_for_io(folio)
  if (dirty) yield* setBits(folio.flags, PG_writeback, { label: 'folio_start_writeback(folio)' })
  yield* folio_unlock(folio)
  if (!dirty) return false
  yield* submit_bio(folio)
  yield* clearBits(folio.flags, PG_writeback, { label: 'folio_end_writeback(folio)' })
  return true
}
