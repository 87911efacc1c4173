import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps, store } from '../../../engine/model/step.js'
import type { AnonVma } from '../../include/anon_vma.js'
import { GFP_TRANSHUGE } from '../../include/gfp.js'
import type { Mm } from '../../include/mm.js'
import { PG_uptodate } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { _PAGE_TABLE, PFN_SHIFT, type Pmd, pmd_none, pmd_pfn, pte_mkdirty } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { bug } from '../../bug.js'
import { has, kernel } from '../../kernel.js'
import { is_swap_pte } from '../../include/swapops.js'
import { VM_FAULT_ERROR } from '../../include/fault.js'
import { do_swap_page } from '../memory/do_swap_page.js'
import { points_to_table, pte_map_may_fail, pte_offset_map_nolock, pte_unmap } from '../memory/pte_lock.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { mmap_read_lock, mmap_read_unlock, mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { maybe_pmd_mkwrite, mk_huge_pmd } from '../huge_memory/mk_huge_pmd.js'
import { tlb_remove_table_sync_one } from '../mmu_gather/tlb_remove_table_sync_one.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { alloc_hugepage } from '../page_alloc.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_lockptr, pte_offset_map, ptep_get, set_pmd_at } from '../pgtable.js'
import { pgtable_trans_huge_deposit, pmdp_collapse_flush } from '../pgtable_generic.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import type { CollapseControl } from './collapse_control.js'
import { __collapse_huge_page_copy } from './collapse_copy.js'
import { __collapse_huge_page_isolate } from './collapse_isolate.js'
import { find_pmd_or_thp_or_none, hugepage_vma_revalidate } from './hugepage_vma_revalidate.js'
import type { ScanResult } from './scan_result.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** Takes the PTE table out of the page tables, so that nobody but a GUP-fast already inside can reach it. */
function* unlink_table(mm: Mm, address: number, pmdp: Cell): Steps<Pmd> {
  const end = address + kernel().geometry.ptrsPerPte
  yield* mmu_notifier_invalidate_range_start(mm, address, end)
  yield* pmd_lock(mm)
  const pmd = yield* pmdp_collapse_flush(mm, address, pmdp)
  yield* pmd_unlock(mm)
  yield* mmu_notifier_invalidate_range_end(mm, address, end)
  if (has('2ba99c5e0881')) yield* tlb_remove_table_sync_one()
  return pmd
}

/** The abort: the old table goes back. */
function* relink_table(mm: Mm, pmdp: Cell, pmd: Pmd): Steps {
  yield* pmd_lock(mm)
  if (!pmd_none(yield* pmdp_get(pmdp))) yield* bug('pmd not none in collapse_huge_page')
  // Of an entry that is none, pmd_pgtable() makes page 0.
  yield* store(pmdp, (pmd_pfn(pmd) << PFN_SHIFT) | _PAGE_TABLE, { label: 'pmd_populate(mm, pmdp, table)', order: 'release' })
  yield* pmd_unlock(mm)
}

function* install_huge_pmd(mm: Mm, vma: Vma, address: number, pmdp: Cell, table: Pmd, hpage: Folio): Steps {
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const pmd = maybe_pmd_mkwrite(pte_mkdirty(mk_huge_pmd(hpage, prot)), vm_flags)
  yield* pmd_lock(mm)
  if (!pmd_none(yield* pmdp_get(pmdp))) yield* bug('pmd not none in collapse_huge_page')
  yield* page_add_new_anon_rmap(hpage, vma, address)
  yield* lru_cache_add_inactive_or_unevictable(hpage, vma)
  yield* pgtable_trans_huge_deposit(mm, kernel().pmd_pgtable(table))
  yield* set_pmd_at(pmdp, pmd)
  yield* pmd_unlock(mm)
}

const NO_TABLE = { result: 'SCAN_PMD_NULL', compound: [] } as const

/** With the table locked, which only the local copy of the PMD leads to. */
function* isolate(vma: Vma, address: number, pmd: Pmd, cc: CollapseControl): Steps<{ readonly result: ScanResult; readonly compound: readonly Folio[] }> {
  yield* spin_lock(pte_lockptr(pmd), 'spin_lock(pte_ptl)')
  const isolated = yield* __collapse_huge_page_isolate(vma, address, pmd, cc)
  yield* spin_unlock(pte_lockptr(pmd), 'spin_unlock(pte_ptl)')
  return isolated
}

function* collapse_locked(mm: Mm, vma: Vma, address: number, hpage: Folio, cc: CollapseControl): Steps<ScanResult> {
  const pmdp = pmd_offset(mm, address)
  const first = has('366a4532d96f')
  if (first) yield* vma_start_write(vma)
  const still = yield* find_pmd_or_thp_or_none(pmdp)
  if (still !== 'SCAN_SUCCEED') return still
  if (!first) yield* vma_start_write(vma)
  const anon_vma: AnonVma = kernel().anonVmas.deref(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))
  const { rwsem } = kernel().anonVmas.deref(yield* load(anon_vma.root, { label: 'anon_vma->root' }))
  yield* down_write(rwsem, 'anon_vma_lock_write(anon_vma)')
  const pmd = yield* unlink_table(mm, address, pmdp)
  const { result, compound } = points_to_table(pmd) ? yield* isolate(vma, address, pmd, cc) : NO_TABLE
  if (result !== 'SCAN_SUCCEED') yield* relink_table(mm, pmdp, pmd)
  yield* up_write(rwsem, 'anon_vma_unlock_write()')
  if (result !== 'SCAN_SUCCEED') return result
  yield* __collapse_huge_page_copy(pmd, hpage, vma, compound)
  yield* setBits(hpage.flags, PG_uptodate, { label: '__SetPageUptodate(hpage)' })
  yield* install_huge_pmd(mm, vma, address, pmdp, pmd, hpage)
  return result
}

/** mm/khugepaged.c:__collapse_huge_page_swapin. Fetches what is not present: from a device, or it waits for a migration. */
export function* __collapse_huge_page_swapin(mm: Mm, vma: Vma, start: number, pmd: Pmd): Steps<ScanResult> {
  const pmdp = pmd_offset(mm, start)
  let swapped_in = false
  let mapped = pte_map_may_fail() ? undefined : pmd
  for (let i = 0; i < kernel().geometry.ptrsPerPte; i++) {
    mapped ??= yield* pte_offset_map_nolock(pmdp)
    if (mapped === undefined) return 'SCAN_PMD_NULL'
    const address = start + i
    const ptep = pte_offset_map(mapped, address)
    const orig_pte = yield* ptep_get(ptep)
    if (!is_swap_pte(orig_pte)) continue
    const vmf = { mm, vma, address, flags: 0, pmdp, ptep, ptl: pte_lockptr(mapped), orig_pte }
    yield* pte_unmap()
    if (pte_map_may_fail()) mapped = undefined
    if ((yield* do_swap_page(vmf)) & VM_FAULT_ERROR) return 'SCAN_FAIL'
    swapped_in = true
  }
  if (mapped !== undefined) yield* pte_unmap()
  if (swapped_in) yield* lru_add_drain()
  return 'SCAN_SUCCEED'
}

function* recheck_after_alloc(mm: Mm, address: number, cc: CollapseControl, unmapped: boolean): Steps<ScanResult> {
  yield* mmap_read_lock(mm)
  const { result, vma } = yield* hugepage_vma_revalidate(mm, address, true, cc)
  const pmdp = pmd_offset(mm, address)
  let found = result === 'SCAN_SUCCEED' ? yield* find_pmd_or_thp_or_none(pmdp) : result
  if (vma && unmapped && found === 'SCAN_SUCCEED') {
    found = yield* __collapse_huge_page_swapin(mm, vma, address, yield* pmdp_get(pmdp))
  }
  yield* mmap_read_unlock(mm)
  return found
}

function* collapse_with(mm: Mm, address: number, hpage: Folio, cc: CollapseControl, unmapped: boolean): Steps<ScanResult> {
  const before = yield* recheck_after_alloc(mm, address, cc, unmapped)
  if (before !== 'SCAN_SUCCEED') return before
  yield* mmap_write_lock(mm)
  const { result, vma } = yield* hugepage_vma_revalidate(mm, address, true, cc)
  const done = vma ? yield* collapse_locked(mm, vma, address, hpage, cc) : result
  yield* mmap_write_unlock(mm)
  return done
}

/**
 * mm/khugepaged.c:collapse_huge_page, anonymous memory. `address` is aligned to a huge page. Called with the mmap_lock
 * held for reading, which it drops. `unmapped`: the scan saw entries that are not present.
 */
export function* collapse_huge_page(mm: Mm, address: number, cc: CollapseControl, nid = 0, unmapped = false): Steps<ScanResult> {
  yield* mmap_read_unlock(mm)
  const hpage = yield* alloc_hugepage(GFP_TRANSHUGE, nid)
  if (!hpage) return 'SCAN_ALLOC_HUGE_PAGE_FAIL'
  const result = yield* collapse_with(mm, address, hpage, cc, unmapped)
  if (result !== 'SCAN_SUCCEED') yield* folio_put(hpage)
  return result
}
