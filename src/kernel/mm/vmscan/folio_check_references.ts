import { clearBits, setBits, type Steps } from '../../../engine/model/step.js'
import { PG_referenced } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { VM_LOCKED } from '../../include/vm_flags.js'
import { folio_referenced } from '../rmap/folio_referenced.js'

/** enum folio_references. */
export type FolioReferences = 'reclaim' | 'keep_locked' | 'activate_locked'

/**
 * mm/vmscan.c:folio_check_references. A mapped folio that was used is spared once, and goes to the active list when it is used again. There
 * are no executable files; and one that was read(2) but is not mapped has no writeback to be left to (FOLIOREF_RECLAIM_CLEAN).
 */
export function* folio_check_references(folio: Folio): Steps<FolioReferences> {
  const { ptes, vm_flags } = yield* folio_referenced(folio)
  const referenced = (yield* clearBits(folio.flags, PG_referenced, { label: 'folio_test_clear_referenced()' })) & PG_referenced
  if (vm_flags & VM_LOCKED) return 'activate_locked'
  if (ptes === -1) return 'keep_locked'
  if (ptes === 0) return 'reclaim'
  yield* setBits(folio.flags, PG_referenced, { label: 'folio_set_referenced(folio)' })
  return referenced || ptes > 1 ? 'activate_locked' : 'keep_locked'
}
