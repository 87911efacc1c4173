import type { Cell } from '../../../engine/model/memory.js'
import { fetchAdd, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { compound_head } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { PG_dirty } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { type Pmd, type Pte, pte_dirty, pte_none, pte_present, pte_young } from '../../include/pgtable.js'
import {
  is_device_exclusive_entry, is_device_private_entry, is_genuine_swap_entry, is_guard_marker, is_migration_entry, swp_offset,
} from '../../include/swapops.js'
import { VM_SEQ_READ } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { bug } from '../../bug.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import type { MmuGather } from '../../percpu.js'
import { __tlb_remove_page, pte_free_tlb, tlb_flush_mmu, tlb_flush_mmu_tlbonly, tlb_flush_pte_range, tlb_flush_rmaps } from '../mmu_gather/mmu_gather.js'
import { pte_lockptr, pte_offset_map, ptep_get } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { flush_tlb_batched_pending } from '../rmap/flush_tlb_batched_pending.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { put_page } from '../swap/folio_put.js'
import { mark_page_accessed } from '../swap/mark_page_accessed.js'
import { free_swap_and_cache } from '../swapfile/folio_free_swap.js'
import { lock_page_table, points_to_table } from './pte_lock.js'
import { vm_normal_page } from './vm_normal_page.js'
import { pt_reclaim, zap_empty_pte_table, zap_pte_table_if_empty } from './zap_empty_pte_table.js'

/** What unmap_mapping_range() restricts a zap to (struct zap_details). */
export interface ZapDetails {
  /** Zap private copies too. */
  readonly even_cows: boolean
  readonly single_folio?: Folio
  /** Give page tables back that are empty then. */
  readonly reclaim_pt?: true
  /** The mapping goes, and its guard pages with it (ZAP_FLAG_DROP_MARKER). */
  readonly drop_marker?: boolean
}

/** mm/memory.c:should_zap_page */
export function* should_zap_page(details: ZapDetails | undefined, page: Page | undefined): Steps<boolean> {
  if (!details || details.even_cows || !page) return true
  return !((yield* load((yield* compound_head(page)).mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON)
}

/** Bits: the batch is full, and the TLB must be flushed before the lock is dropped. */
const FULL = 1
const FORCE_FLUSH = 2
/** An entry stays, so that its table does. */
const SKIPPED = 4

function* zap_file_page(vma: Vma, page: Page, pte: Pte): Steps<number> {
  const folio = yield* compound_head(page)
  if ((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON) return 0
  if (pte_dirty(pte)) yield* setBits(folio.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  if (pte_young(pte) && !((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_SEQ_READ)) yield* mark_page_accessed(page)
  return pte_dirty(pte) && has('1cf35d47712d') ? FORCE_FLUSH : 0
}

function* zap_present_pte(mm: Mm, tlb: MmuGather, vma: Vma, ptep: Cell, address: number, details?: ZapDetails): Steps<number> {
  const page = yield* vm_normal_page(vma, address, yield* ptep_get(ptep))
  if (!(yield* should_zap_page(details, page))) return SKIPPED
  const pte = yield* ptep_get_and_clear(mm, address, ptep)
  yield* tlb_flush_pte_range(tlb, address, address + 1)
  if (!page) return 0
  const flush = yield* zap_file_page(vma, page, pte)
  const delay_rmap = flush !== 0 && has('5df397dec7c4') && !kernel().profile.noGather
  if (!delay_rmap) yield* page_remove_rmap(page, vma, false)
  return (yield* __tlb_remove_page(tlb, page, delay_rmap)) ? flush | FULL | FORCE_FLUSH : flush
}

function* zap_nonpresent_pte(vma: Vma, ptep: Cell, pte: Pte, details?: ZapDetails): Steps<number> {
  if (is_device_private_entry(pte) || is_device_exclusive_entry(pte)) {
    const page = kernel().page(swp_offset(pte))
    if (!(yield* should_zap_page(details, page))) return SKIPPED
    if (is_device_private_entry(pte)) yield* page_remove_rmap(page, vma, false)
    yield* put_page(page)
  } else if (is_migration_entry(pte)) {
    if (!(yield* should_zap_page(details, kernel().page(swp_offset(pte))))) return SKIPPED
  } else if ((details && !details.even_cows) || (is_guard_marker(pte) && !details?.drop_marker)) return SKIPPED
  else if (is_genuine_swap_entry(pte)) yield* free_swap_and_cache(pte)
  yield* store(ptep, 0, { label: 'pte_clear_not_present_full()' })
  return 0
}

/** One round of the loop. */
function* zap_pte(mm: Mm, tlb: MmuGather, vma: Vma, ptep: Cell, address: number, details?: ZapDetails): Steps<number> {
  const pte = yield* ptep_get(ptep)
  if (pte_none(pte)) return 0
  if (pte_present(pte)) return yield* zap_present_pte(mm, tlb, vma, ptep, address, details)
  return yield* zap_nonpresent_pte(vma, ptep, pte, details)
}

function* flush_under_lock(mm: Mm, tlb: MmuGather, vma: Vma): Steps {
  yield* tlb_flush_mmu_tlbonly(mm, tlb)
  if (has('5df397dec7c4')) yield* tlb_flush_rmaps(tlb, vma)
}

/** What one hold of the page-table lock came to. */
interface Held {
  /** The address to go on from. */
  readonly at: number
  readonly skipped: boolean
  /** What the PMD was, if it is none now because the table was found empty. */
  readonly emptied?: Pmd
}

/** One hold of the page-table lock. Undefined: the table has been taken away. `reclaim`: if all are zapped, the table goes. */
function* zap_locked(
  mm: Mm, tlb: MmuGather, vma: Vma, pmdp: Cell, seen: Pmd, address: number, end: number, reclaim: boolean, details?: ZapDetails,
): Steps<Held | undefined> {
  const pmd = yield* lock_page_table(pmdp, seen)
  if (pmd === undefined) return undefined
  yield* flush_tlb_batched_pending(mm)
  yield* arch_enter_lazy_mmu_mode()
  let flags = 0
  let at = address
  while (at < end && !(flags & FULL)) flags |= yield* zap_pte(mm, tlb, vma, pte_offset_map(pmd, at), at++, details)
  const skipped = (flags & SKIPPED) !== 0
  const emptied = reclaim && at === end && !skipped ? yield* zap_empty_pte_table(mm, pmdp) : undefined
  yield* arch_leave_lazy_mmu_mode()
  const late = has('mutant-zap-flush-unlocked')
  if (flags & FORCE_FLUSH && !late) yield* flush_under_lock(mm, tlb, vma)
  yield* spin_unlock(pte_lockptr(pmd))
  if (flags & FORCE_FLUSH && late) yield* flush_under_lock(mm, tlb, vma)
  if (flags & FORCE_FLUSH) yield* tlb_flush_mmu(mm, tlb)
  return { at, skipped, ...(emptied !== undefined && { emptied }) }
}

/** mm/memory.c:pte_table_reclaim_possible */
const pte_table_reclaim_possible = (address: number, end: number, details?: ZapDetails): boolean =>
  pt_reclaim() && details?.reclaim_pt === true && end - address === kernel().geometry.ptrsPerPte

/** The table is in the tree no more: it is freed when the TLB has been flushed, and nobody can be reading it. */
function* free_emptied(mm: Mm, tlb: MmuGather, pmd: Pmd, address: number, end: number): Steps {
  if (!points_to_table(pmd)) yield* bug('a PMD that points to no page table is taken for one')
  yield* pte_free_tlb(mm, tlb, kernel().pmd_pgtable(pmd), address, end)
  yield* fetchAdd(mm.nr_ptes, -1, { label: 'mm_dec_nr_ptes(mm)' })
}

/**
 * mm/memory.c:zap_pte_range. Dirty file pages force a TLB flush before the lock is dropped. Returns the address it got to: not the end if the table
 * has been taken away, so that the PMD has to be looked at again. A table that was unlocked in between may have entries again.
 */
export function* zap_pte_range(
  mm: Mm, tlb: MmuGather, vma: Vma, pmdp: Cell, pmd: Pmd, address: number, end: number, details?: ZapDetails,
): Steps<number> {
  let reclaim = pte_table_reclaim_possible(address, end, details)
  for (let at = address; ;) {
    const direct = reclaim && (at === address || !has('f39edcf6349a'))
    const held: Held | undefined = yield* zap_locked(mm, tlb, vma, pmdp, pmd, at, end, direct, details)
    if (held === undefined) return at
    reclaim &&= !held.skipped
    if (held.at === end) {
      const emptied = held.emptied ?? (reclaim ? yield* zap_pte_table_if_empty(mm, pmdp) : undefined)
      if (emptied !== undefined) yield* free_emptied(mm, tlb, emptied, address, end)
      return end
    }
    at = held.at
  }
}
