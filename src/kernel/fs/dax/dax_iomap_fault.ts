import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { FAULT_FLAG_WRITE, VM_FAULT_FALLBACK, VM_FAULT_NOPAGE, VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import { pmd_none, pmd_trans_huge } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { __split_huge_pmd } from '../../mm/huge_memory/split_huge_pmd.js'
import { transhuge_vma_suitable } from '../../mm/huge_memory/hugepage_vma_check.js'
import { vmf_insert_pfn_pmd } from '../../mm/huge_memory/vmf_insert_pfn_pmd.js'
import { linear_page_index } from '../../mm/linear_page_index.js'
import { vmf_insert_mixed } from '../../mm/memory/vmf_insert_mixed.js'
import { pmdp_get } from '../../mm/pgtable.js'
import { dax_unlock_entry, grab_mapping_entry } from './dax_entry.js'
import type { DaxInode } from './dax_inode.js'
import { dax_insert_entry } from './dax_insert_entry.js'

function* i_size_read(mapping: AddressSpace): Steps<number> {
  return yield* load(mapping.i_size, { label: 'i_size_read(inode)' })
}

/** fs/dax.c:dax_iomap_pte_fault, with the entry locked until the page is mapped. */
export function* dax_iomap_pte_fault(inode: DaxInode, mapping: AddressSpace, vmf: VmFault): Steps<number> {
  const index = yield* linear_page_index(vmf.vma, vmf.address)
  const block = inode.blocks[index]
  if (index >= (yield* i_size_read(mapping)) || !block) return VM_FAULT_SIGBUS
  const at = (yield* grab_mapping_entry(mapping, index, false))!
  let result = VM_FAULT_NOPAGE
  if (!pmd_trans_huge(yield* pmdp_get(vmf.pmdp))) {
    yield* dax_insert_entry(mapping, at, index, [block])
    result = yield* vmf_insert_mixed(vmf.vma, vmf.address, block.pfn, { devmap: true, write: (vmf.flags & FAULT_FLAG_WRITE) !== 0 })
  }
  yield* dax_unlock_entry(mapping, at)
  return result
}

/** The entry of a table that is there already stays. */
function* insert_huge(inode: DaxInode, mapping: AddressSpace, vmf: VmFault, first: number, at: number): Steps<number> {
  const pmd = yield* pmdp_get(vmf.pmdp)
  if (!pmd_none(pmd) && !pmd_trans_huge(pmd)) return 0
  const pages = inode.blocks.slice(first, first + kernel().geometry.ptrsPerPte)
  yield* dax_insert_entry(mapping, at, first, pages)
  return yield* vmf_insert_pfn_pmd(vmf, pages[0]!.pfn, { devmap: true, write: (vmf.flags & FAULT_FLAG_WRITE) !== 0 })
}

/** fs/dax.c:dax_iomap_pmd_fault */
export function* dax_iomap_pmd_fault(inode: DaxInode, mapping: AddressSpace, vmf: VmFault): Steps<number> {
  const size = kernel().geometry.ptrsPerPte
  const start = vmf.address - (vmf.address % size)
  const suitable = yield* transhuge_vma_suitable(vmf.vma, vmf.address)
  const first = suitable ? yield* linear_page_index(vmf.vma, start) : 0
  if (suitable && first >= (yield* i_size_read(mapping))) return VM_FAULT_SIGBUS
  const at = suitable && inode.huge && inode.blocks[first + size - 1] ? yield* grab_mapping_entry(mapping, first, true) : undefined
  if (at === undefined) {
    yield* __split_huge_pmd(vmf.mm, vmf.vma, vmf.pmdp, vmf.address, false)
    return VM_FAULT_FALLBACK
  }
  const result = yield* insert_huge(inode, mapping, vmf, first, at)
  yield* dax_unlock_entry(mapping, at)
  return result
}

/** fs/dax.c:dax_iomap_fault. `huge`: of PMD size. */
export const dax_iomap_fault = (inode: DaxInode, mapping: AddressSpace, vmf: VmFault, huge: boolean): Steps<number> =>
  huge ? dax_iomap_pmd_fault(inode, mapping, vmf) : dax_iomap_pte_fault(inode, mapping, vmf)
