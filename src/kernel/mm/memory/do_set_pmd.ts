import { load, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_WRITE, VM_FAULT_FALLBACK, type VmFault } from '../../include/fault.js'
import type { Folio } from '../../include/page.js'
import { pmd_none, pte_mkdirty } from '../../include/pgtable.js'
import { transhuge_vma_suitable } from '../huge_memory/hugepage_vma_check.js'
import { maybe_pmd_mkwrite, mk_huge_pmd } from '../huge_memory/mk_huge_pmd.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'
import { page_add_file_rmap } from '../rmap/add_file_rmap.js'

/** mm/memory.c:do_set_pmd: maps a file's huge page by one entry. VM_FAULT_FALLBACK if that is not possible. */
export function* do_set_pmd(vmf: VmFault, folio: Folio): Steps<number> {
  const { mm, vma, pmdp } = vmf
  if (!(yield* transhuge_vma_suitable(vma, vmf.address))) return VM_FAULT_FALLBACK
  yield* pmd_lock(mm)
  const none = pmd_none(yield* pmdp_get(pmdp))
  if (none) {
    const pmd = mk_huge_pmd(folio, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
    const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
    yield* page_add_file_rmap(folio, vma, true)
    yield* set_pmd_at(pmdp, vmf.flags & FAULT_FLAG_WRITE ? maybe_pmd_mkwrite(pte_mkdirty(pmd), vm_flags) : pmd)
  }
  yield* pmd_unlock(mm)
  return none ? 0 : VM_FAULT_FALLBACK
}
