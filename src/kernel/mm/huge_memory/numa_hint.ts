import { load, type Steps } from '../../../engine/model/step.js'
import type { VmFault } from '../../include/fault.js'
import { type Pmd, pte_mkwrite, pte_mkyoung, pte_modify, pte_write } from '../../include/pgtable.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'

/** Takes the lock; false, and no lock, if the entry has changed. */
export function* lock_same_pmd(vmf: VmFault, orig: Pmd): Steps<boolean> {
  yield* pmd_lock(vmf.mm)
  if ((yield* pmdp_get(vmf.pmdp)) === orig) return true
  yield* pmd_unlock(vmf.mm)
  return false
}

/** Takes the hint away. Under the PMD lock. */
export function* clear_hint(vmf: VmFault, orig: Pmd): Steps {
  const pmd = pte_mkyoung(pte_modify(orig, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
  yield* set_pmd_at(vmf.pmdp, pte_write(orig) ? pte_mkwrite(pmd) : pmd)
}
