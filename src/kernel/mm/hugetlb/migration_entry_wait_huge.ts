import type { Steps } from '../../../engine/model/step.js'
import { is_migration_entry, swp_offset } from '../../include/swapops.js'
import { kernel } from '../../kernel.js'
import { folio_wait_locked } from '../../locking/folio_lock.js'
import { type HugePte, huge_pte_lock, huge_pte_unlock, huge_ptep_get } from './huge_pte.js'

/** mm/migrate.c:migration_entry_wait_huge. The folio stays locked for as long as the migration takes. */
export function* migration_entry_wait_huge(pte: HugePte): Steps {
  yield* huge_pte_lock(pte)
  const entry = yield* huge_ptep_get(pte.ptep)
  yield* huge_pte_unlock(pte)
  if (is_migration_entry(entry)) yield* folio_wait_locked(kernel().page(swp_offset(entry)))
}
