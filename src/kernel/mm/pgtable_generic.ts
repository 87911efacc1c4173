import type { Cell } from '../../engine/model/memory.js'
import { atomic, clearBits, load, store, type Step, type Steps } from '../../engine/model/step.js'
import * as arch from '../../machine/entry.js'
import { flush_tlb_page, flush_tlb_range } from '../../machine/flush.js'
import { smp_call_function_sync } from '../../machine/ipi.js'
import type { Mm } from '../include/mm.js'
import type { PageTable } from '../include/page_table.js'
import {
  _PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_RW, type Pmd, pmd_mkinvalid, type Pte, pte_mkold, pte_protnone, pte_wrprotect, pte_young,
} from '../include/pgtable.js'
import { has, kernel } from '../kernel.js'
import { pmdp_get, ptep_get } from './pgtable.js'

/** The old word has the bits that hardware set until then. */
export const ptep_get_and_clear = (mm: Mm, address: number, ptep: Cell): Steps<Pte> => arch.entry_xchg(mm, ptep, address, 0)

export const pmdp_huge_get_and_clear = (mm: Mm, address: number, pmdp: Cell): Steps<Pmd> =>
  arch.entry_xchg(mm, pmdp, address, 0, kernel().geometry.ptrsPerPte)

/** arch/x86/include/asm/pgtable.h:pte_accessible; elsewhere always true. A hint may be set, and its flush still to come. */
export function* pte_accessible(mm: Mm, pte: Pte): Steps<boolean> {
  if (!kernel().profile.accessibleWhileFlushPending || pte & _PAGE_PRESENT) return true
  if (!pte_protnone(pte) || !has('20841405940e')) return false
  return (yield* load(mm.tlb_flush_pending, { label: 'mm_tlb_flush_pending(mm)' })) > 0
}

/** mm/pgtable-generic.c:pmd_clear_bad. The kernel says so in its log, and what the entry stood for is lost. */
export const pmd_clear_bad = (pmdp: Cell): Step<void> => atomic('pmd_clear_bad(pmd)', (m) => {
  m.set(pmdp, 0)
  m.violate('O13', 'bad pmd: an entry that points to no table is thrown away')
})

/** mm/pgtable-generic.c:ptep_clear_flush. No flush for what hardware could not use. */
export function* ptep_clear_flush(mm: Mm, address: number, ptep: Cell): Steps<Pte> {
  const pte = yield* ptep_get_and_clear(mm, address, ptep)
  if (yield* pte_accessible(mm, pte)) yield* flush_tlb_page(mm, address)
  return pte
}

/** mm/pgtable-generic.c:ptep_clear_flush_young, or the architecture's own without a flush. Whether the entry was used. */
export function* ptep_clear_flush_young(mm: Mm, address: number, ptep: Cell): Steps<boolean> {
  const { entryChangeFlushes, clearYoungFlushes } = kernel().profile
  if (entryChangeFlushes) {
    const pte = yield* ptep_get(ptep)
    return pte_young(pte) && pte_young(yield* arch.entry_xchg(mm, ptep, address, pte_mkold(pte)))
  }
  const young = pte_young(yield* clearBits(ptep, _PAGE_ACCESSED, { label: 'ptep_test_and_clear_young()' }))
  if (young && clearYoungFlushes) yield* flush_tlb_page(mm, address)
  return young
}

/** mm/pgtable-generic.c:pmdp_clear_flush_young */
export function* pmdp_clear_flush_young(mm: Mm, address: number, pmdp: Cell): Steps<boolean> {
  const young = pte_young(yield* clearBits(pmdp, _PAGE_ACCESSED, { label: 'pmdp_test_and_clear_young()' }))
  if (young) yield* flush_tlb_range(mm, address, address + kernel().geometry.ptrsPerPte)
  return young
}

/** mm/pgtable-generic.c:pmdp_collapse_flush. Takes the table away; its PTEs are flushed, the PMD maps no page. */
export function* pmdp_collapse_flush(mm: Mm, address: number, pmdp: Cell): Steps<Pmd> {
  const pmd = yield* arch.pmdp_collapse_flush(mm, pmdp, address, address + kernel().geometry.ptrsPerPte)
  if (!has('bedf03416913') && kernel().profile.collapseFlushSentIpi) yield* smp_call_function_sync()
  return pmd
}

/** mm/pgtable-generic.c:pmdp_invalidate. Not present for the hardware, still huge for software. */
export function* pmdp_invalidate(mm: Mm, address: number, pmdp: Cell): Steps<Pmd> {
  const { geometry: { ptrsPerPte }, profile } = kernel()
  if (profile.entryChangeFlushes) return yield* arch.entry_xchg(mm, pmdp, address, pmd_mkinvalid(yield* pmdp_get(pmdp)), ptrsPerPte)
  const old = yield* pmdp_establish_invalid(pmdp)
  yield* flush_tlb_range(mm, address, address + ptrsPerPte)
  return old
}

/** mm/pgtable-generic.c:pmdp_invalidate_ad: where it can, without a flush, which the caller makes. */
export function* pmdp_invalidate_ad(mm: Mm, address: number, pmdp: Cell): Steps<Pmd> {
  if (kernel().profile.invalidateAdFlushes) return yield* pmdp_invalidate(mm, address, pmdp)
  return yield* pmdp_establish_invalid(pmdp)
}

/** include/linux/pgtable.h:ptep_set_wrprotect. Where an entry cannot change without its translations, those go. */
export function* ptep_set_wrprotect(mm: Mm, address: number, ptep: Cell): Steps {
  if (!kernel().profile.entryChangeFlushes) return void (yield* clearBits(ptep, _PAGE_RW, { label: 'ptep_set_wrprotect(ptep)' }))
  yield* arch.entry_xchg(mm, ptep, address, pte_wrprotect(yield* ptep_get(ptep)))
}

/** include/linux/pgtable.h:pmdp_set_wrprotect */
export function* pmdp_set_wrprotect(mm: Mm, address: number, pmdp: Cell): Steps {
  const { geometry: { ptrsPerPte }, profile } = kernel()
  if (!profile.entryChangeFlushes) return void (yield* clearBits(pmdp, _PAGE_RW, { label: 'pmdp_set_wrprotect(pmdp)' }))
  yield* arch.entry_xchg(mm, pmdp, address, pte_wrprotect(yield* pmdp_get(pmdp)), ptrsPerPte)
}

const pmdp_establish_invalid = (pmdp: Cell): Step =>
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
 * ptep_set_access_flags: writes the entry if that changes it. Where hardware sets ACCESSED
 * (arch/x86/mm/pgtable.c), only for a write.
 */
export function* set_access_flags(mm: Mm, address: number, entryp: Cell, old: Pte, entry: Pte, dirty: boolean): Steps<boolean> {
  if (old === entry) return false
  if (dirty || !kernel().profile.hardwareAccessed) yield* store(entryp, entry, { label: 'ptep_set_access_flags(ptep)' })
  if (dirty && kernel().profile.accessFlagsFlush) yield* flush_tlb_page(mm, address)
  return true
}

/** pmdp_set_access_flags. `address` is where the huge page begins. */
export function* pmdp_set_access_flags(mm: Mm, address: number, pmdp: Cell, old: Pmd, pmd: Pmd, dirty: boolean): Steps {
  if (old === pmd) return
  if (dirty || !kernel().profile.hardwareAccessed) yield* store(pmdp, pmd, { label: 'pmdp_set_access_flags(pmdp)' })
  if (dirty && kernel().profile.accessFlagsFlush) yield* flush_tlb_range(mm, address, address + kernel().geometry.ptrsPerPte)
}
