import type { Cell } from '../../engine/model/memory.js'
import { atomic, store, type Step, type Steps } from '../../engine/model/step.js'
import * as arch from '../../machine/entry.js'
import { flush_tlb_page, flush_tlb_range } from '../../machine/flush.js'
import { smp_call_function_sync } from '../../machine/ipi.js'
import type { Mm } from '../include/mm.js'
import type { PageTable } from '../include/page_table.js'
import { _PAGE_PRESENT, type Pmd, pmd_mkinvalid, type Pte, pte_present } from '../include/pgtable.js'
import { kernel, reverted } from '../kernel.js'

/** The old word has the bits that hardware set until then. */
export const ptep_get_and_clear = (mm: Mm, address: number, ptep: Cell): Steps<Pte> => arch.entry_xchg(mm, ptep, address, 0)

export const pmdp_huge_get_and_clear = (mm: Mm, address: number, pmdp: Cell): Steps<Pmd> =>
  arch.entry_xchg(mm, pmdp, address, 0)

/** mm/pgtable-generic.c:ptep_clear_flush. No flush for what hardware could not use. */
export function* ptep_clear_flush(mm: Mm, address: number, ptep: Cell): Steps<Pte> {
  const pte = yield* ptep_get_and_clear(mm, address, ptep)
  if (pte_present(pte) && pte & _PAGE_PRESENT) yield* flush_tlb_page(mm, address)
  return pte
}

/** mm/pgtable-generic.c:pmdp_collapse_flush. Takes the table away; its PTEs are flushed, the PMD maps no page. */
export function* pmdp_collapse_flush(mm: Mm, address: number, pmdp: Cell): Steps<Pmd> {
  const pmd = yield* arch.pmdp_collapse_flush(mm, pmdp, address, address + kernel().geometry.ptrsPerPte)
  if (reverted('bedf03416913') && kernel().profile.collapseFlushSentIpi) yield* smp_call_function_sync()
  return pmd
}

/** mm/pgtable-generic.c:pmdp_invalidate. Not present for the hardware, still huge for software. */
export function* pmdp_invalidate(mm: Mm, address: number, pmdp: Cell): Steps<Pmd> {
  const old = yield* pmdp_invalidate_ad(pmdp)
  yield* flush_tlb_range(mm, address, address + kernel().geometry.ptrsPerPte)
  return old
}

/** The same without a flush (mm/huge_memory.c:pmdp_invalidate_ad on x86): the caller flushes. */
export const pmdp_invalidate_ad = (pmdp: Cell): Step =>
  atomic('pmdp_invalidate(pmdp)', (m) => {
    const old = m.get(pmdp)
    m.set(pmdp, pmd_mkinvalid(old))
    return old
  })

/** mm/pgtable-generic.c:pgtable_trans_huge_deposit. Under the PMD lock. */
export const pgtable_trans_huge_deposit = (mm: Mm, table: PageTable): Step<void> =>
  atomic('pgtable_trans_huge_deposit()', (m) => {
    m.set(table.next, m.get(mm.pgd.pmd_huge_pte))
    m.set(mm.pgd.pmd_huge_pte, table.ref)
  })

/** mm/pgtable-generic.c:pgtable_trans_huge_withdraw. Under the PMD lock. */
export const pgtable_trans_huge_withdraw = (mm: Mm): Step<PageTable> =>
  atomic('pgtable_trans_huge_withdraw()', (m) => {
    const table = kernel().tables.deref(m.get(mm.pgd.pmd_huge_pte))
    m.set(mm.pgd.pmd_huge_pte, m.get(table.next))
    m.set(table.next, 0)
    return table
  })

/**
 * ptep_set_access_flags and pmdp_set_access_flags: writes the entry if that changes it. Where hardware sets ACCESSED
 * (arch/x86/mm/pgtable.c), only for a write.
 */
export function* set_access_flags(entryp: Cell, old: Pte, entry: Pte, dirty: boolean): Steps<boolean> {
  if (old === entry) return false
  if (dirty || !kernel().profile.hardwareAccessed) yield* store(entryp, entry, { label: 'ptep_set_access_flags(ptep)' })
  return true
}
