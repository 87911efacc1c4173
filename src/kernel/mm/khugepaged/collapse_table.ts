import type { Cell } from '../../../engine/model/memory.js'
import { fetchAdd, type Steps, store } from '../../../engine/model/step.js'
import { flush_tlb_mm } from '../../../machine/flush.js'
import { call_rcu } from '../../../machine/rcu.js'
import type { AddressSpace } from '../../include/address_space.js'
import { nth_page } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import { type Pmd, pte_none } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { lock_page_table, pte_offset_map_nolock, pte_unmap } from '../memory/pte_lock.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_lockptr, ptep_get } from '../pgtable.js'
import { pmdp_collapse_flush } from '../pgtable_generic.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { folio_put_refs } from '../swap/folio_put.js'
import { collapse_table_6_1 } from './collapse_table.6.1.js'
import { fits } from './fits.js'
import type { ScanResult } from './scan_result.js'
import { take_dirty } from './take_dirty.js'

/** Step 1: whether all that the table maps are parts of the huge page. */
function* check_table(pmdp: Cell, hpage: Folio): Steps<ScanResult> {
  const pmd = yield* lock_page_table(pmdp, 0)
  if (pmd === undefined) return 'SCAN_FAIL'
  let result: ScanResult = 'SCAN_SUCCEED'
  for (const [i, ptep] of kernel().pmd_pgtable(pmd).entries.entries()) {
    result = fits(yield* ptep_get(ptep), hpage, i)
    if (result !== 'SCAN_SUCCEED') break
  }
  yield* spin_unlock(pte_lockptr(pmd))
  return result
}

/** Step 2, under the page-table lock: entries go, so that nobody drops their mappings again; the flush comes with the table. Their number, or why not. */
function* clear_entries(mm: Mm, vma: Vma, address: number, pmd: Pmd, hpage: Folio): Steps<{ readonly nr: number; readonly result: ScanResult }> {
  let nr = 0
  for (const [i, ptep] of kernel().pmd_pgtable(pmd).entries.entries()) {
    const pte = yield* ptep_get(ptep)
    if (pte_none(pte)) continue
    const result = fits(pte, hpage, i)
    if (result !== 'SCAN_SUCCEED') return { nr, result }
    if (has('collapse-keeps-dirty')) yield* take_dirty(mm, address + i, ptep, hpage)
    else if (!has('mutant-collapse-keeps-entries')) yield* store(ptep, 0, { label: 'ptep_clear(ptep)' })
    yield* page_remove_rmap(nth_page(hpage, i), vma, false)
    nr++
  }
  return { nr, result: 'SCAN_SUCCEED' }
}

/** Whether the PMD still points to the table that is locked. Until tables were reclaimed the mmap_lock and the locked folio were enough. */
function* still_there(pmdp: Cell, pmd: Pmd): Steps<boolean> {
  return !has('retract-pmd-recheck') || (yield* pmdp_get(pmdp)) === pmd
}

/** Step 4: the table, which is empty, leaves the tree with its lock held and that of the PMD. False if it has left already. */
function* remove_table(mm: Mm, address: number, pmdp: Cell, pmd: Pmd): Steps<boolean> {
  yield* pmd_lock(mm)
  yield* spin_lock(pte_lockptr(pmd), 'spin_lock(ptl)', SINGLE_DEPTH_NESTING)
  const there = yield* still_there(pmdp, pmd)
  if (there) yield* pmdp_collapse_flush(mm, address, pmdp)
  else yield* flush_tlb_mm(mm)
  yield* spin_unlock(pte_lockptr(pmd))
  yield* pmd_unlock(mm)
  return there
}

function* clear_and_remove(mm: Mm, vma: Vma, address: number, pmdp: Cell, pmd: Pmd, hpage: Folio): Steps<ScanResult> {
  yield* spin_lock(pte_lockptr(pmd))
  if (!(yield* still_there(pmdp, pmd))) {
    yield* spin_unlock(pte_lockptr(pmd))
    return 'SCAN_FAIL'
  }
  const { nr, result } = yield* clear_entries(mm, vma, address, pmd, hpage)
  if (result !== 'SCAN_SUCCEED' && nr > 0) yield* flush_tlb_mm(mm)
  yield* spin_unlock(pte_lockptr(pmd))
  if (nr > 0) yield* folio_put_refs(hpage, nr)
  if (result !== 'SCAN_SUCCEED') return result
  return (yield* remove_table(mm, address, pmdp, pmd)) ? 'SCAN_SUCCEED' : 'SCAN_FAIL'
}

/**
 * mm/khugepaged.c:collapse_pte_mapped_thp, steps 1 to 4, since 6.6. The mmap_lock is held for reading, and the folio is locked: nobody maps more of it
 * meanwhile, but who has some of it mapped may write and get a copy. The folio keeps what the entries mapped until the flush.
 */
export function* collapse_table(mm: Mm, vma: Vma, address: number, mapping: AddressSpace, hpage: Folio): Steps<ScanResult> {
  if (!has('1043173eb5eb')) return yield* collapse_table_6_1(mm, vma, address, mapping, hpage)
  const pmdp = pmd_offset(mm, address)
  const end = address + kernel().geometry.ptrsPerPte
  const first = yield* check_table(pmdp, hpage)
  if (first !== 'SCAN_SUCCEED') return first
  yield* mmu_notifier_invalidate_range_start(mm, address, end)
  const pmd = yield* pte_offset_map_nolock(pmdp)
  const result = pmd === undefined ? 'SCAN_FAIL' : yield* clear_and_remove(mm, vma, address, pmdp, pmd, hpage)
  if (pmd !== undefined) yield* pte_unmap()
  yield* mmu_notifier_invalidate_range_end(mm, address, end)
  if (pmd === undefined || result !== 'SCAN_SUCCEED') return result
  yield* fetchAdd(mm.nr_ptes, -1, { label: 'mm_dec_nr_ptes(mm)' })
  yield* call_rcu(kernel().rcuHead(kernel().pmd_pgtable(pmd)))
  return result
}
