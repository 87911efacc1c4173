import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head, PageCompound } from '../../include/compound.js'
import type { PteFault } from '../../include/fault.js'
import { pte_mkwrite, pte_mkyoung, pte_modify, pte_write } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { migrate_misplaced_page, numa_migrate_prep } from '../migrate/migrate_misplaced_page.js'
import { set_pte_at } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import { lock_mapped_pte, lock_same_pte } from './pte_same.js'
import { vm_normal_page } from './vm_normal_page.js'

/** Tries to move the page, with the lock dropped meanwhile. What there is left to do, locked. */
function* try_migrate(vmf: PteFault): Steps<PteFault | undefined> {
  const prot = yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  const page = yield* vm_normal_page(vmf.vma, vmf.address, pte_modify(vmf.orig_pte, prot))
  if (!page || kernel().memory.isDevice(page) || (yield* PageCompound(page))) return vmf
  const nid = yield* numa_migrate_prep(page)
  if (nid === undefined) {
    yield* folio_put(yield* compound_head(page))
    return vmf
  }
  yield* spin_unlock(vmf.ptl)
  return (yield* migrate_misplaced_page(page, nid)) ? undefined : yield* lock_same_pte(vmf)
}

/** mm/memory.c:do_numa_page. The page moves to the node of its user if it can; otherwise the hint is taken away. */
export function* do_numa_page(fault: PteFault): Steps<number> {
  const mapped = yield* lock_mapped_pte(fault)
  const vmf = mapped && (yield* try_migrate(mapped))
  if (!vmf) return 0
  const old = yield* ptep_get_and_clear(vmf.mm, vmf.address, vmf.ptep)
  const pte = pte_mkyoung(pte_modify(old, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
  yield* set_pte_at(vmf.ptep, pte_write(old) ? pte_mkwrite(pte) : pte)
  yield* spin_unlock(vmf.ptl)
  return 0
}
