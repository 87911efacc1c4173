import type { Folio } from '../../include/page.js'
import { pfn_pte, type Pmd, pmd_mkhuge, pte_mkwrite } from '../../include/pgtable.js'
import { VM_WRITE } from '../../include/vm_flags.js'

/** mm/huge_memory.c:mk_huge_pmd */
export const mk_huge_pmd = (folio: Folio, prot: number): Pmd => pmd_mkhuge(pfn_pte(folio.pfn, prot))

/** mm/huge_memory.c:maybe_pmd_mkwrite */
export const maybe_pmd_mkwrite = (pmd: Pmd, vm_flags: number): Pmd => (vm_flags & VM_WRITE ? pte_mkwrite(pmd) : pmd)
