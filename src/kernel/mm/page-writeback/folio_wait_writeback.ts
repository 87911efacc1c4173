import { type Step, until } from '../../../engine/model/step.js'
import { PG_writeback } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'

/** mm/page-writeback.c:folio_wait_writeback */
export const folio_wait_writeback = (folio: Folio): Step =>
  until(folio.flags, (flags) => (flags & PG_writeback) === 0, { label: 'folio_wait_writeback(folio)', lock: { op: 'sleep' } })
