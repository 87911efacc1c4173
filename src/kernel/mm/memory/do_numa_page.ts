import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head, PageCompound } from '../../include/compound.js'
import type { PteFault } from '../../include/fault.js'
import { pte_mkwrite, pte_mkyoung, pte_modify, pte_write } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { migrate_misplaced_page, numa_migrate_prep } from '../migrate/migrate_misplaced_page.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import { vm_normal_page } from './vm_normal_page.js'

/** Takes the lock; false, and no lock, if the entry has changed. */
function* lock_same(vmf: PteFault): Steps<boolean> {
  yield* spin_lock(vmf.ptl)
  if ((yield* ptep_get(vmf.ptep)) === vmf.orig_pte) return true
  yield* spin_unlock(vmf.ptl)
  return false
}

/** Tries to move the page, with the lock dropped meanwhile. True if there is nothing left to do. */
function* try_migrate(vmf: PteFault): Steps<boolean> {
  const prot = yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  const page = yield* vm_normal_page(vmf.vma, vmf.address, pte_modify(vmf.orig_pte, prot))
  if (!page || kernel().memory.isDevice(page) || (yield* PageCompound(page))) return false
  const nid = yield* numa_migrate_prep(page)
  if (nid === undefined) {
    yield* folio_put(yield* compound_head(page))
    return false
  }
  yield* spin_unlock(vmf.ptl)
  return (yield* migrate_misplaced_page(page, nid)) || !(yield* lock_same(vmf))
}

/** mm/memory.c:do_numa_page. The page moves to the node of its user if it can; otherwise the hint is taken away. */
export function* do_numa_page(vmf: PteFault): Steps<number> {
  if (!(yield* lock_same(vmf)) || (yield* try_migrate(vmf))) return 0
  const old = yield* ptep_get_and_clear(vmf.mm, vmf.address, vmf.ptep)
  const pte = pte_mkyoung(pte_modify(old, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
  yield* set_pte_at(vmf.ptep, pte_write(old) ? pte_mkwrite(pte) : pte)
  yield* spin_unlock(vmf.ptl)
  return 0
}
