import type { Steps } from '../../../engine/model/step.js'
import type { VmFault } from '../../include/fault.js'
import { _PAGE_PROTNONE, type Pmd } from '../../include/pgtable.js'
import { load } from '../../../engine/model/step.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'

/** mm/huge_memory.c:do_huge_pmd_numa_page, without a migration: the hint is taken away. */
export function* do_huge_pmd_numa_page(vmf: VmFault, orig: Pmd): Steps<number> {
  yield* pmd_lock(vmf.mm)
  if ((yield* pmdp_get(vmf.pmdp)) === orig) {
    const prot = yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' })
    yield* set_pmd_at(vmf.pmdp, (orig & ~_PAGE_PROTNONE) | prot)
  }
  yield* pmd_unlock(vmf.mm)
  return 0
}
