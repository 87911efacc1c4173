import type { Cell } from '../../../engine/model/memory.js'
import { fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { call_rcu } from '../../../machine/rcu.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { VM_MAYBE_GUARD, VM_UFFD_WP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { mmap_write_trylock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { down_read, down_write, up_read, up_write } from '../../locking/rwsem.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { userfaultfd_armed } from '../../fs/userfaultfd/userfaultfd_armed.js'
import { do_set_pmd } from '../memory/do_set_pmd.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { tlb_remove_table_sync_one } from '../mmu_gather/tlb_remove_table_sync_one.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_free, pte_lockptr } from '../pgtable.js'
import { pmdp_collapse_flush } from '../pgtable_generic.js'
import { find_pmd_or_thp_or_none, hpage_collapse_test_exit } from './hugepage_vma_revalidate.js'
import type { ScanResult } from './scan_result.js'
import { bug } from '../../bug.js'
import { points_to_table } from '../memory/pte_lock.js'

/** mm/khugepaged.c:collapse_and_free_pmd. With the mmap_lock held for writing; the table is freed at once. */
export function* collapse_and_free_pmd(mm: Mm, address: number, pmdp: Cell): Steps {
  const end = address + kernel().geometry.ptrsPerPte
  const notify = has('f268f6cf875f')
  if (notify) yield* mmu_notifier_invalidate_range_start(mm, address, end)
  const endFirst = notify && has('mutant-retract-end-first')
  if (endFirst) yield* mmu_notifier_invalidate_range_end(mm, address, end)
  const tooEarly = has('mutant-ipi-before-clear')
  if (tooEarly) yield* tlb_remove_table_sync_one()
  const pmd = yield* pmdp_collapse_flush(mm, address, pmdp)
  if (has('2ba99c5e0881') && !tooEarly) yield* tlb_remove_table_sync_one()
  if (notify && !endFirst) yield* mmu_notifier_invalidate_range_end(mm, address, end)
  yield* fetchAdd(mm.nr_ptes, -1, { label: 'mm_dec_nr_ptes(mm)' })
  yield* pte_free(kernel().pmd_pgtable(pmd))
}

/** Whether a VMA has got an anon_vma, and so private pages in its tables, which stay. */
function* is_cowed(vma: Vma): Steps<boolean> {
  return (yield* load(vma.anon_vma, { label: 'vma->anon_vma?' })) !== 0
}

/** Whether there may be guard pages, whose markers are in the table and nowhere else. */
function* is_guarded(vma: Vma): Steps<boolean> {
  return has('guard-regions') && ((yield* load(vma.vm_flags, { label: 'VMA_MAYBE_GUARD?' })) & VM_MAYBE_GUARD) !== 0
}

/** mm/khugepaged.c:file_backed_vma_is_retractable. Under the page-table lock, which whoever puts markers there takes after the flag. */
function* is_retractable(vma: Vma): Steps<boolean> {
  if ((yield* is_cowed(vma)) || (yield* userfaultfd_armed(vma, VM_UFFD_WP))) return false
  return has('mutant-retract-looks-early') || !(yield* is_guarded(vma))
}

/** One VMA, since 6.6 (1d65b771bc08): the locks of the table instead of the mmap_lock, and a grace period before it is freed. */
function* retract_locked_table(mm: Mm, vma: Vma, address: number, pmdp: Cell): Steps {
  const end = address + kernel().geometry.ptrsPerPte
  yield* mmu_notifier_invalidate_range_start(mm, address, end)
  yield* pmd_lock(mm)
  const seen = yield* pmdp_get(pmdp)
  if (has('retract-pmd-recheck') && !points_to_table(seen)) {
    yield* pmd_unlock(mm)
    yield* mmu_notifier_invalidate_range_end(mm, address, end)
    return
  }
  if (!points_to_table(seen)) yield* bug('a PMD that points to no page table is taken for one')
  const ptl = pte_lockptr(seen)
  yield* spin_lock(ptl)
  const pmd = (yield* is_retractable(vma)) ? yield* pmdp_collapse_flush(mm, address, pmdp) : undefined
  yield* spin_unlock(ptl)
  yield* pmd_unlock(mm)
  yield* mmu_notifier_invalidate_range_end(mm, address, end)
  if (pmd === undefined) return
  yield* fetchAdd(mm.nr_ptes, -1, { label: 'mm_dec_nr_ptes(mm)' })
  const table = kernel().pmd_pgtable(pmd)
  if (has('mutant-retracted-table-freed')) yield* pte_free(table)
  else yield* call_rcu(kernel().rcuHead(table))
}

/** The address space that madvise(MADV_COLLAPSE) collapses for, which gets a huge mapping right away. */
export interface RetractTarget {
  readonly mm: Mm
  readonly address: number
  readonly hpage: Folio
}

/** mm/khugepaged.c:set_huge_pmd. The mmap_lock is held for writing. */
export function* set_huge_pmd(mm: Mm, vma: Vma, address: number, hpage: Folio): Steps<ScanResult> {
  if (yield* do_set_pmd({ mm, vma, address, flags: 0, pmdp: pmd_offset(mm, address) }, hpage)) return 'SCAN_FAIL'
  yield* folio_get(hpage)
  return 'SCAN_SUCCEED'
}

/** One VMA. What came of it for the target; undefined for others. */
function* retract_from(vma: Vma, pgoff: number, target: RetractTarget | undefined): Steps<ScanResult | undefined> {
  const { ptrsPerPte } = kernel().geometry
  if ((yield* is_cowed(vma)) || (has('mutant-retract-looks-early') && (yield* is_guarded(vma)))) return undefined
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const address = start + pgoff - (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' }))
  if (address < start || address % ptrsPerPte || (yield* load(vma.vm_end, { label: 'vma->vm_end' })) < address + ptrsPerPte) return undefined
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const pmdp = pmd_offset(mm, address)
  const is_target = target?.mm === mm && target.address === address
  const found = yield* find_pmd_or_thp_or_none(pmdp)
  if (found !== 'SCAN_SUCCEED') return is_target ? found : undefined
  if (has('1d65b771bc08')) {
    yield* retract_locked_table(mm, vma, address, pmdp)
    return is_target ? 'SCAN_PTE_MAPPED_HUGEPAGE' : undefined
  }
  // Faults take the mmap_lock first and then the folio lock, which our caller holds already: only try.
  if ((target && !is_target) || !(yield* mmap_write_trylock(mm))) return is_target ? 'SCAN_PTE_MAPPED_HUGEPAGE' : undefined
  const kept = yield* keeps_table(mm, vma)
  if (!kept) yield* collapse_and_free_pmd(mm, address, pmdp)
  const result = kept ?? (is_target ? yield* set_huge_pmd(mm, vma, address, target.hpage) : 'SCAN_SUCCEED')
  yield* mmap_write_unlock(mm)
  return is_target ? result : undefined
}

/** Why a table has to stay, seen under the mmap_lock; undefined if it may go. */
function* keeps_table(mm: Mm, vma: Vma): Steps<ScanResult | undefined> {
  if (yield* is_cowed(vma)) return 'SCAN_PAGE_ANON'
  if (yield* hpage_collapse_test_exit(mm)) return 'SCAN_ANY_PROCESS'
  return (yield* userfaultfd_armed(vma, VM_UFFD_WP)) ? 'SCAN_PTE_UFFD_WP' : undefined
}

/**
 * mm/khugepaged.c:retract_page_tables, after a file's pages became a huge page: takes the PTE table at `pgoff` (a page number, aligned
 * to a huge page) out of every address space that maps the file; for a target, only out of that.
 */
export function* retract_page_tables(mapping: AddressSpace, pgoff: number, target?: RetractTarget): Steps<ScanResult> {
  const shared = has('1d65b771bc08')
  if (shared) yield* down_read(mapping.i_mmap_rwsem, 'i_mmap_lock_read(mapping)')
  else yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  let result: ScanResult = 'SCAN_FAIL'
  let ref = yield* load(mapping.i_mmap, { label: 'mapping->i_mmap' })
  while (ref) {
    const vma = kernel().vmas.deref(ref)
    result = (yield* retract_from(vma, pgoff, target)) ?? result
    ref = yield* load(vma.i_mmap, { label: 'next vma of i_mmap' })
  }
  if (shared) yield* up_read(mapping.i_mmap_rwsem, 'i_mmap_unlock_read(mapping)')
  else yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  return result
}
