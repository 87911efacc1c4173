import type { Steps } from '../../../engine/model/step.js'
import type { PteFault } from '../../include/fault.js'
import { VM_FAULT_SIGBUS } from '../../include/fault.js'
import type { Page } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { swp_offset } from '../../include/swapops.js'
import { has, kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock, folio_wait_locked } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { lock_fault } from '../memory/pte_same.js'
import { ptep_get } from '../pgtable.js'
import { folio_put } from '../swap/folio_put.js'

/**
 * The same since 7.3 (1afaeb8293c9): the page is locked first. Who finds it locked takes no reference, with which he would keep the other
 * from migrating it, and waits on it: mm/filemap.c:softleaf_entry_wait_on_locked.
 */
function* migrate_locked(vmf: PteFault, page: Page, migrate: (vmf: PteFault, page: Page, held: boolean) => Steps<number>): Steps<number> {
  const now = yield* lock_fault(vmf)
  if (!now) return 0
  const same = has('mutant-private-no-recheck') || (yield* ptep_get(now.ptep)) === vmf.orig_pte
  const locked = same && (yield* folio_trylock(page))
  if (locked) yield* folio_get(page)
  yield* spin_unlock(now.ptl)
  if (same && !locked) yield* folio_wait_locked(page)
  if (!locked) return 0
  const result = yield* migrate(vmf, page, true)
  yield* folio_unlock(page)
  yield* folio_put(page)
  return result
}

/**
 * mm/memory.c:do_swap_page, the part for device-private memory: the driver brings the page back. The reference, taken
 * while the entry shows that the page is in use, keeps the driver from giving it to somebody else (16ce101db85d).
 */
export function* migrate_to_ram(vmf: PteFault): Steps<number> {
  const page = kernel().page(swp_offset(vmf.orig_pte))
  const ops = kernel().memory.pagemapOf(page)?.ops
  if (!ops?.migrate_to_ram) return VM_FAULT_SIGBUS
  if (has('devpriv-trylock')) return yield* migrate_locked(vmf, page, ops.migrate_to_ram)
  if (!has('16ce101db85d')) return yield* ops.migrate_to_ram(vmf, page, false)
  const now = yield* lock_fault(vmf)
  if (!now) return 0
  const same = has('mutant-private-no-recheck') || (yield* ptep_get(now.ptep)) === vmf.orig_pte
  if (same) yield* folio_get(page)
  yield* spin_unlock(now.ptl)
  if (!same) return 0
  const result = yield* ops.migrate_to_ram(vmf, page, true)
  yield* folio_put(page)
  return result
}
