import { load, type Steps } from '../../../engine/model/step.js'
import { VM_FAULT_NOPAGE, type VmFault } from '../../include/fault.js'
import { _PAGE_DEVMAP, pfn_pte, type Pmd, pmd_mkhuge, pmd_none, pmd_pfn, pte_mkdirty, pte_mkyoung } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import type { InsertOptions } from '../memory/insert_pfn.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'
import { set_access_flags } from '../pgtable_generic.js'
import { maybe_pmd_mkwrite } from './mk_huge_pmd.js'

/**
 * mm/huge_memory.c:insert_pfn_pmd: a huge entry from frame `pfn` on. There is no special bit for huge entries: only a devmap
 * one tells GUP that it is no common huge page. Counts nothing. To write, an entry that is there is made writable.
 */
export function* vmf_insert_pfn_pmd(vmf: VmFault, pfn: number, { devmap, write }: InsertOptions): Steps<number> {
  const { mm, vma, address, pmdp } = vmf
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  yield* pmd_lock(mm)
  const old = yield* pmdp_get(pmdp)
  const mkwrite = (pmd: Pmd): Pmd => maybe_pmd_mkwrite(pte_mkdirty(pte_mkyoung(pmd)), vm_flags)
  if (pmd_none(old)) {
    const pmd = pmd_mkhuge(pfn_pte(pfn, prot)) | (devmap && kernel().profile.pteDevmap ? _PAGE_DEVMAP : 0)
    yield* set_pmd_at(pmdp, write ? mkwrite(pmd) : pmd)
  } else if (write && pmd_pfn(old) === pfn) yield* set_access_flags(mm, address, pmdp, old, mkwrite(old), true)
  yield* pmd_unlock(mm)
  return VM_FAULT_NOPAGE
}
