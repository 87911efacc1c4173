import { load, type Steps } from '../../../engine/model/step.js'
import { bug } from '../../bug.js'
import { VM_FAULT_NOPAGE, VM_FAULT_OOM, VM_FAULT_SIGBUS } from '../../include/fault.js'
import { _PAGE_DEVMAP, pfn_pte, type Pte, pte_mkdirty, pte_mkspecial, pte_mkyoung, pte_none, pte_pfn } from '../../include/pgtable.js'
import { VM_MIXEDMAP, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { maybe_pmd_mkwrite } from '../huge_memory/mk_huge_pmd.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { set_access_flags } from '../pgtable_generic.js'
import { is_cow_mapping } from './copy_pte.js'
import { get_locked_pte } from './get_locked_pte.js'

/** The special bit, where the architecture has one. An entry of device memory with a pgmap says so too. */
export const special = (pte: number, devmap: boolean): number => {
  const marked = kernel().profile.pteSpecial && !has('mutant-pfn-not-special') ? pte_mkspecial(pte) : pte
  return devmap ? marked | _PAGE_DEVMAP : marked
}

export interface InsertOptions {
  /** It is memory of a device that has a pagemap, and its entries say so. */
  readonly devmap: boolean
  /** For a write: the entry is dirty, and writable if the mapping is. */
  readonly write: boolean
  /** Default: that of the mapping. */
  readonly prot?: number
}

/** mm/memory.c:insert_pfn. Counts nothing. An entry that is there already stays, or is made writable. */
export function* insert_pfn(vma: Vma, address: number, pfn: number, { devmap, write, prot: given }: InsertOptions): Steps<number> {
  const prot = given ?? (yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const vm_flags = write ? yield* load(vma.vm_flags, { label: 'vma->vm_flags' }) : 0
  const mkwrite = (pte: Pte): Pte => (write ? maybe_pmd_mkwrite(pte_mkdirty(pte_mkyoung(pte)), vm_flags) : pte)
  const locked = yield* get_locked_pte(vma, address)
  if (!locked) return VM_FAULT_OOM
  const { mm, ptep, ptl } = locked
  const old = yield* ptep_get(ptep)
  if (pte_none(old)) yield* set_pte_at(ptep, mkwrite(special(pfn_pte(pfn, prot), devmap)))
  else if (write && pte_pfn(old) === pfn) yield* set_access_flags(mm, address, ptep, old, mkwrite(old), true)
  yield* spin_unlock(ptl)
  return VM_FAULT_NOPAGE
}

/** Whether the address lies in the VMA. */
export function* in_vma(vma: Vma, address: number): Steps<boolean> {
  if (address < (yield* load(vma.vm_start, { label: 'vma->vm_start' }))) return false
  return address < (yield* load(vma.vm_end, { label: 'vma->vm_end' }))
}

/** mm/memory.c:vmf_insert_pfn. Not for private mappings that can be written, nor for a MIXEDMAP that has pages. */
export const vmf_insert_pfn = (vma: Vma, address: number, pfn: number): Steps<number> => vmf_insert_pfn_prot(vma, address, pfn, undefined)

/** mm/memory.c:vmf_insert_pfn_prot: with other rights than the mapping's, if any are given. */
export function* vmf_insert_pfn_prot(vma: Vma, address: number, pfn: number, prot: number | undefined): Steps<number> {
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const kind = flags & (VM_PFNMAP | VM_MIXEDMAP)
  if (kind !== VM_PFNMAP && kind !== VM_MIXEDMAP) yield* bug('vmf_insert_pfn() into a mapping that is not for PFNs')
  if (kind === VM_PFNMAP && is_cow_mapping(flags)) yield* bug('vmf_insert_pfn() into a private mapping')
  if (kind === VM_MIXEDMAP && kernel().memory.pages[pfn]) yield* bug('vmf_insert_pfn() of a page into a MIXEDMAP')
  if (!(yield* in_vma(vma, address))) return VM_FAULT_SIGBUS
  return yield* insert_pfn(vma, address, pfn, prot === undefined ? { devmap: false, write: false } : { devmap: false, write: false, prot })
}
