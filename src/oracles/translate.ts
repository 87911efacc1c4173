import type { Access } from '../engine/model/memory.js'
import type { Mm } from '../kernel/include/mm.js'
import type { Page } from '../kernel/include/page.js'
import { pmd_present, pmd_trans_huge, pte_present, pte_write, PFN_SHIFT } from '../kernel/include/pgtable.js'
import type { PageTable } from '../kernel/include/page_table.js'
import type { Vma } from '../kernel/include/vma.js'
import type { Kernel } from '../kernel/kernel.js'
import { hardware_present } from '../machine/pte.js'

export interface Mapping {
  readonly page: Page
  readonly writable: boolean
  /** The CPU may go through it: the entry is not PROT_NONE. */
  readonly usable: boolean
}

/** What the page tables map at an address right now. */
export function translate(m: Access, kernel: Kernel, mm: Mm, address: number): Mapping | undefined {
  const { ptrsPerPte } = kernel.geometry
  const pmd = m.get(mm.pgd.entries[Math.floor(address / ptrsPerPte)]!)
  if (!pmd_present(pmd)) return undefined
  const offset = address % ptrsPerPte
  if (pmd_trans_huge(pmd)) return mapping(kernel, (pmd >>> PFN_SHIFT) + offset, pmd)
  const ptep = kernel.tables.at(pmd >>> PFN_SHIFT)?.entries[offset]
  const pte = ptep === undefined ? 0 : m.get(ptep)
  return pte_present(pte) ? mapping(kernel, pte >>> PFN_SHIFT, pte) : undefined
}

const mapping = (kernel: Kernel, pfn: number, word: number): Mapping | undefined => {
  const page = kernel.memory.pages[pfn]
  return page && { page, writable: pte_write(word), usable: hardware_present(word) }
}

/** The mapping that covers the address; undefined for none. */
export function vmaAt(m: Access, { vmas }: Kernel, mm: Mm, address: number): Vma | undefined {
  for (let vma = vmas.at(m.get(mm.mmap)); vma; vma = vmas.at(m.get(vma.vm_next))) {
    if (m.get(vma.vm_start) <= address && address < m.get(vma.vm_end)) return vma
  }
  return undefined
}

/** The small entry for an address, whatever it holds; 0 where there is no table. */
export function entryAt(m: Access, kernel: Kernel, mm: Mm, address: number): number {
  const { ptrsPerPte } = kernel.geometry
  const pmd = m.get(mm.pgd.entries[Math.floor(address / ptrsPerPte)]!)
  return pmd_present(pmd) && !pmd_trans_huge(pmd) ? m.get(kernel.pmd_pgtable(pmd).entries[address % ptrsPerPte]!) : 0
}

/**
 * The table whose lock somebody holds who has emptied the entry for an address. What it will hold is not settled before the lock is dropped:
 * 6.1's MADV_COLD takes the entry out, makes it old and puts it back, and tells nobody who mirrors it.
 */
export function unsettled(m: Access, kernel: Kernel, mm: Mm, address: number): PageTable | undefined {
  const { ptrsPerPte } = kernel.geometry
  const pmd = m.get(mm.pgd.entries[Math.floor(address / ptrsPerPte)]!)
  const table = pmd === 0 ? mm.pgd : pmd_present(pmd) && !pmd_trans_huge(pmd) ? kernel.pmd_pgtable(pmd) : undefined
  const isEmpty = table && (table === mm.pgd || m.get(table.entries[address % ptrsPerPte]!) === 0)
  return isEmpty && m.get(table.ptl) !== 0 ? table : undefined
}

/** Calls `dropped` in every step that drops the lock of a page table. */
export function watchTableLocks(kernel: Kernel, dropped: (m: Access, table: PageTable) => void): void {
  for (const table of tablesOf(kernel)) kernel.machine.memory.watch(table.ptl, (m, _, before, after) => void (before !== 0 && after === 0 && dropped(m, table)))
}

/** Every table of any mm. */
export const tablesOf = (kernel: Kernel): readonly PageTable[] => [...kernel.mms.objects.map((mm) => mm.pgd), ...kernel.tables.objects]

/** Calls `changed` in every step that changes an entry of a page table that the mm may use. */
export function watchTables(kernel: Kernel, changed: (m: Access, before: number, after: number) => void): void {
  for (const entry of tablesOf(kernel).flatMap((table) => table.entries)) {
    kernel.machine.memory.watch(entry, (m, _, before, after) => changed(m, before, after))
  }
}
