import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import { folio_nr_pages } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import type { Folio } from '../../include/page.js'
import type { PageTable } from '../../include/page_table.js'
import { is_swap_pmd, pmd_pfn, pmd_present, pmd_trans_huge, type Pte, pte_none, pte_pfn, pte_present } from '../../include/pgtable.js'
import {
  is_device_exclusive_entry, is_device_private_entry, is_migration_entry, is_swap_pte, swp_offset,
} from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { pmd_addr_end } from '../addr_end.js'
import { huge_pte_offset, huge_ptep_get } from '../hugetlb/huge_pte.js'
import { transhuge_vma_suitable } from '../huge_memory/hugepage_vma_check.js'
import { points_to_table, pte_map_may_fail, pte_offset_map_nolock, pte_unmap } from '../memory/pte_lock.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_index, ptep_get } from '../pgtable.js'

/** Wait for those who have cleared an entry but not yet dropped the mapping. */
export const PVMW_SYNC = 1
/** Look for migration entries, not for mappings. */
export const PVMW_MIGRATION = 2

/** struct page_vma_mapped_walk: where in a VMA to look for a folio. */
export interface Pvmw {
  readonly mm: Mm
  readonly vma: Vma
  readonly pfn: number
  readonly nr_pages: number
  readonly address: number
  readonly end: number
  readonly flags: number
}

/** An entry that maps the folio. Its page-table lock is held. Without `table` it is the PMD entry. */
export interface Mapped {
  readonly address: number
  readonly pmdp: Cell
  readonly ptep?: Cell
  readonly table?: PageTable
}

/** DEFINE_FOLIO_VMA_WALK and mm/internal.h:vma_address_end */
export function* folio_vma_walk(folio: Folio, vma: Vma, address: number, flags: number): Steps<Pvmw> {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const nr_pages = yield* folio_nr_pages(folio)
  const walk = { mm, vma, pfn: folio.pfn, nr_pages, address, flags }
  if (nr_pages === 1) return { ...walk, end: address + 1 }
  const pgoff = (yield* load(folio.index, { label: 'folio->index' })) + nr_pages
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const vm_end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
  const end = start + pgoff - (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' }))
  return { ...walk, end: end < start || end > vm_end ? vm_end : end }
}

const ours = (pvmw: Pvmw, pfn: number): boolean => pfn >= pvmw.pfn && pfn < pvmw.pfn + pvmw.nr_pages

const is_device_entry = (pte: Pte): boolean => is_device_private_entry(pte) || is_device_exclusive_entry(pte)

/** mm/page_vma_mapped.c:check_pte. Under the lock: whether the entry maps the folio. */
export const check_pte = (pvmw: Pvmw, pte: Pte): boolean => {
  if (pvmw.flags & PVMW_MIGRATION) {
    return (is_migration_entry(pte) || is_device_exclusive_entry(pte)) && ours(pvmw, swp_offset(pte))
  }
  if (is_swap_pte(pte)) return is_device_entry(pte) && ours(pvmw, swp_offset(pte))
  return pte_present(pte) && ours(pvmw, pte_pfn(pte))
}

/**
 * Takes the lock of a table, and looks at the PMD again where the kernel does: 6.12 only for PVMW_SYNC, which finds the table as others do. False,
 * and no lock, if the table is out of the tree: what it mapped may be mapped elsewhere.
 */
function* lock_table(pvmw: Pvmw, pmdp: Cell, table: PageTable): Steps<boolean> {
  yield* spin_lock(table.ptl)
  if (!has('pvmw-pmd-recheck') && !(pvmw.flags & PVMW_SYNC && pte_map_may_fail())) return true
  const pmd = yield* pmdp_get(pmdp)
  if (points_to_table(pmd) && pmd_pfn(pmd) === table.ref) return true
  yield* spin_unlock(table.ptl)
  return false
}

/** mm/page_vma_mapped.c:map_pte: a look without the lock spares most of them. Whether the lock was taken; 'gone': look at the PMD again. */
export function* map_pte(pvmw: Pvmw, pmdp: Cell, table: PageTable, ptep: Cell): Steps<boolean | 'gone'> {
  if (!(pvmw.flags & PVMW_SYNC)) {
    const pte = yield* ptep_get(ptep)
    const candidate = pvmw.flags & PVMW_MIGRATION ? is_swap_pte(pte) : pte_present(pte) || is_device_entry(pte)
    if (!candidate) return false
  }
  return (yield* lock_table(pvmw, pmdp, table)) || 'gone'
}

function* unmapped<T>(result: T): Steps<T> {
  yield* pte_unmap()
  return result
}

/**
 * The entries of one table from `address` on. With `held`, its lock is held and the first one is done. A number: the address to go on
 * from, in the table that the PMD points to by now.
 */
function* walk_table(pvmw: Pvmw, pmdp: Cell, table: PageTable, address: number, held: boolean): Steps<Mapped | number | undefined> {
  const first = table.entries[pte_index(address)]!
  let locked = held || (yield* map_pte(pvmw, pmdp, table, first))
  if (locked === 'gone') return yield* unmapped(address)
  if (locked && !held && check_pte(pvmw, yield* ptep_get(first))) return { address, pmdp, table, ptep: first }
  const end = pmd_addr_end(address, pvmw.end)
  for (let at = address + 1; at < end; at++) {
    const ptep = table.entries[pte_index(at)]!
    if (pvmw.flags & PVMW_SYNC && !locked) {
      if (!(yield* lock_table(pvmw, pmdp, table))) return yield* unmapped(at)
      locked = true
    }
    if (pte_none(yield* ptep_get(ptep))) continue
    if (!locked && !(yield* lock_table(pvmw, pmdp, table))) return yield* unmapped(at)
    locked = true
    if (check_pte(pvmw, yield* ptep_get(ptep))) return { address: at, pmdp, table, ptep }
  }
  if (locked) yield* spin_unlock(table.ptl)
  return yield* unmapped(undefined)
}

/** A huge entry, looked at again under the lock, which stays held if it maps the folio. 'split': it is a table now. */
function* walk_huge(pvmw: Pvmw, pmdp: Cell, address: number): Steps<Mapped | 'split' | undefined> {
  yield* pmd_lock(pvmw.mm)
  const pmd = yield* pmdp_get(pmdp)
  const wanted = pvmw.flags & PVMW_MIGRATION ? is_migration_entry(pmd) : pmd_trans_huge(pmd)
  const pfn = pmd_trans_huge(pmd) ? pmd_pfn(pmd) : swp_offset(pmd)
  if (wanted && ours(pvmw, pfn)) return { address, pmdp }
  yield* pmd_unlock(pvmw.mm)
  return pmd_present(pmd) && !pmd_trans_huge(pmd) ? 'split' : undefined
}

/** zap_huge_pmd() may have cleared the entry and still be about to drop the mapping. */
function* sync_none(pvmw: Pvmw, address: number): Steps {
  if (!(pvmw.flags & PVMW_SYNC) || pvmw.nr_pages < kernel().geometry.ptrsPerPte) return
  if (!(yield* transhuge_vma_suitable(pvmw.vma, address))) return
  yield* pmd_lock(pvmw.mm)
  yield* pmd_unlock(pvmw.mm)
}

/** One PMD entry. 'next' goes on with the one after it, a number at that address. */
function* walk_pmd(pvmw: Pvmw, address: number): Steps<Mapped | 'next' | number | undefined> {
  const pmdp = pmd_offset(pvmw.mm, address)
  const pmd = yield* pmdp_get(pmdp)
  let table = pmd
  if (pmd_trans_huge(pmd) || is_swap_pmd(pmd)) {
    const huge = yield* walk_huge(pvmw, pmdp, address)
    if (huge !== 'split') return huge
    if (!pte_map_may_fail()) table = yield* pmdp_get(pmdp)
  } else if (!pmd_present(pmd)) {
    yield* sync_none(pvmw, address)
    return 'next'
  }
  const mapped = pte_map_may_fail() ? yield* pte_offset_map_nolock(pmdp) : table
  if (mapped === undefined) return address
  return (yield* walk_table(pvmw, pmdp, kernel().pmd_pgtable(mapped), address, false)) ?? 'next'
}

/** Of a mapping of hugetlbfs, where there is one entry to look at. */
function* walk_hugetlb(pvmw: Pvmw, last?: Mapped): Steps<Mapped | undefined> {
  const pte = last ? undefined : yield* huge_pte_offset(pvmw.mm, pvmw.address)
  if (last) yield* spin_unlock(last.table!.ptl)
  if (!pte) return undefined
  yield* spin_lock(pte.table.ptl)
  if (check_pte(pvmw, yield* huge_ptep_get(pte.ptep))) return { address: pvmw.address, pmdp: pmd_offset(pvmw.mm, pvmw.address), ...pte }
  yield* spin_unlock(pte.table.ptl)
  return undefined
}

/**
 * mm/page_vma_mapped.c:page_vma_mapped_walk. The next entry that maps the folio, after `last`, whose lock the caller
 * still holds. Undefined, and nothing locked, when there are no more.
 */
export function* page_vma_mapped_walk(pvmw: Pvmw, last?: Mapped): Steps<Mapped | undefined> {
  if (kernel().page(pvmw.pfn).hugetlb) return yield* walk_hugetlb(pvmw, last)
  if (last && !last.table) {
    yield* pmd_unlock(pvmw.mm)
    return undefined
  }
  const more = last?.table && (yield* walk_table(pvmw, last.pmdp, last.table, last.address, true))
  if (typeof more === 'object') return more
  const size = kernel().geometry.ptrsPerPte
  let at = more ?? (last ? pmd_addr_end(last.address, Infinity) : pvmw.address)
  while (at < pvmw.end) {
    const found = yield* walk_pmd(pvmw, at)
    if (typeof found !== 'number' && found !== 'next') return found
    at = found === 'next' ? at - (at % size) + size : found
  }
  return undefined
}

/** include/linux/rmap.h:page_vma_mapped_walk_done: stops before the walk has ended. */
export function* page_vma_mapped_walk_done(pvmw: Pvmw, last: Mapped): Steps {
  if (!last.table) return void (yield* pmd_unlock(pvmw.mm))
  yield* spin_unlock(last.table.ptl)
  if (!kernel().page(pvmw.pfn).hugetlb) yield* pte_unmap()
}
