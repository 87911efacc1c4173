import { load, type Steps } from '../../../engine/model/step.js'
import type { PteFault } from '../../include/fault.js'
import { pte_mkwrite, pte_mkyoung, pte_modify, pte_write } from '../../include/pgtable.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'

/** mm/memory.c:do_numa_page, without a migration: the hint is taken away. */
export function* do_numa_page(vmf: PteFault): Steps<number> {
  yield* spin_lock(vmf.ptl)
  if ((yield* ptep_get(vmf.ptep)) === vmf.orig_pte) {
    const old = yield* ptep_get_and_clear(vmf.mm, vmf.address, vmf.ptep)
    const pte = pte_mkyoung(pte_modify(old, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
    yield* set_pte_at(vmf.ptep, pte_write(old) ? pte_mkwrite(pte) : pte)
  }
  yield* spin_unlock(vmf.ptl)
  return 0
}
