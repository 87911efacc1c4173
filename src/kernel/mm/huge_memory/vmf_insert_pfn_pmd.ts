import { load, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_WRITE, VM_FAULT_NOPAGE, type VmFault } from '../../include/fault.js'
import { _PAGE_DEVMAP, pfn_pte, pmd_mkhuge, pmd_none, pte_mkdirty, pte_mkyoung } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'
import { maybe_pmd_mkwrite } from './mk_huge_pmd.js'

/**
 * mm/huge_memory.c:insert_pfn_pmd: a huge entry from frame `pfn` on. There is no special bit for huge entries: only a devmap
 * one tells GUP that it is no common huge page. Counts nothing.
 */
export function* vmf_insert_pfn_pmd(vmf: VmFault, pfn: number, devmap = false): Steps<number> {
  const { mm, vma, pmdp } = vmf
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  yield* pmd_lock(mm)
  if (pmd_none(yield* pmdp_get(pmdp))) {
    const pmd = pmd_mkhuge(pfn_pte(pfn, prot)) | (devmap && kernel().profile.pteDevmap ? _PAGE_DEVMAP : 0)
    yield* set_pmd_at(pmdp, vmf.flags & FAULT_FLAG_WRITE ? maybe_pmd_mkwrite(pte_mkdirty(pte_mkyoung(pmd)), vm_flags) : pmd)
  }
  yield* pmd_unlock(mm)
  return VM_FAULT_NOPAGE
}
