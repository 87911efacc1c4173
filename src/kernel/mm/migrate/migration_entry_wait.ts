import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import type { PteFault } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import { is_swap_pmd } from '../../include/pgtable.js'
import { is_migration_entry, swp_offset } from '../../include/swapops.js'
import { kernel } from '../../kernel.js'
import { folio_wait_locked } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { lock_fault } from '../memory/pte_same.js'
import { pmd_lock, pmd_unlock, pmdp_get, ptep_get } from '../pgtable.js'

/** mm/migrate.c:__migration_entry_wait. The folio stays locked for as long as the migration takes. */
export function* migration_entry_wait(vmf: PteFault): Steps {
  const now = yield* lock_fault(vmf)
  if (!now) return
  const pte = yield* ptep_get(now.ptep)
  const folio = is_migration_entry(pte) ? yield* compound_head(kernel().page(swp_offset(pte))) : undefined
  yield* spin_unlock(now.ptl)
  if (folio) yield* folio_wait_locked(folio)
}

/** mm/migrate.c:pmd_migration_entry_wait */
export function* pmd_migration_entry_wait(mm: Mm, pmdp: Cell): Steps {
  yield* pmd_lock(mm)
  const pmd = yield* pmdp_get(pmdp)
  yield* pmd_unlock(mm)
  if (is_swap_pmd(pmd)) yield* folio_wait_locked(kernel().page(swp_offset(pmd)))
}
