import type { Cell } from '../../../engine/model/memory.js'
import { load, type Step, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { PageTable } from '../../include/page_table.js'
import type { Page } from '../../include/page.js'
import {
  pfn_pte, pmd_mkhuge, pmd_none, type Pte, pte_mkdirty, pte_mkwrite, pte_mkyoung, pte_wrprotect,
} from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { pmd_offset, pte_index, set_pte_at } from '../pgtable.js'

/*
 * hugetlbfs lies one level higher: what is the PMD table of an address space elsewhere holds its PUD entries, each points to
 * a table of PMD entries, and each of these is a leaf that maps one huge page, a page of the model.
 */

/** The PUD entry for an address. */
export const pud_offset = (mm: Mm, address: number): Cell => pmd_offset(mm, address)

/** An entry of hugetlbfs and the table it is in. */
export interface HugePte {
  readonly table: PageTable
  readonly ptep: Cell
}

export const entry_in = (table: PageTable, address: number): HugePte => ({ table, ptep: table.entries[pte_index(address)]! })

/** mm/hugetlb.c:huge_pte_offset. The entry for an address, if there is a table for it. Without a lock it may be anybody's by now. */
export function* huge_pte_offset(mm: Mm, address: number): Steps<HugePte | undefined> {
  const pud = yield* load(pud_offset(mm, address), { label: 'pud = *pud_offset(mm, addr)' })
  return pmd_none(pud) ? undefined : entry_in(kernel().pmd_pgtable(pud), address)
}

export const huge_ptep_get = (ptep: Cell): Step => load(ptep, { label: 'pte = huge_ptep_get(ptep)' })
export const set_huge_pte_at = (ptep: Cell, pte: Pte): Step<void> => set_pte_at(ptep, pte)

/** include/linux/hugetlb.h:huge_pte_lock: that of the table. */
export const huge_pte_lock = (pte: HugePte): Step<void> => spin_lock(pte.table.ptl, 'ptl = huge_pte_lock(mm, ptep)')
export const huge_pte_unlock = (pte: HugePte): Step<void> => spin_unlock(pte.table.ptl)

/** mm/hugetlb.c:make_huge_pte */
export function* make_huge_pte(vma: Vma, page: Page, writable: boolean): Steps<Pte> {
  const pte = pfn_pte(page.pfn, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  return pmd_mkhuge(pte_mkyoung(writable ? pte_mkwrite(pte_mkdirty(pte)) : pte_wrprotect(pte)))
}
