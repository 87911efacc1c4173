import type { Cell } from '../../../engine/model/memory.js'
import { clearBits, load, type Steps, store } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { is_swapcache, PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import {
  type Pmd, pmd_pfn, pmd_present, pmd_trans_huge, type Pte, pte_dirty, pte_mkclean, pte_mkold, pte_none, pte_present, pte_young,
} from '../../include/pgtable.js'
import { is_genuine_swap_entry } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import type { MmuGather } from '../../percpu.js'
import { pmd_addr_end } from '../addr_end.js'
import { split_huge_page } from '../huge_memory/split_huge_page.js'
import { lock_page_table } from '../memory/pte_lock.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { tlb_end_vma, tlb_finish_mmu, tlb_flush_pte_range, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_lockptr, pte_offset_map, ptep_get, set_pmd_at, set_pte_at } from '../pgtable.js'
import { pmdp_invalidate, ptep_get_and_clear } from '../pgtable_generic.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { flush_tlb_batched_pending } from '../rmap/flush_tlb_batched_pending.js'
import { folio_mapcount, page_mapcount } from '../rmap/mapcount.js'
import { mark_page_lazyfree } from '../swap/folio_activate.js'
import { folio_put } from '../swap/folio_put.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { folio_free_swap, free_swap_and_cache } from '../swapfile/folio_free_swap.js'

/** Splits a huge page that is ours alone, without a page-table lock held. True if it is split. */
export function* split_held(folio: Folio): Steps<boolean> {
  const split = (yield* split_huge_page(folio)) === 0
  yield* folio_unlock(folio)
  yield* folio_put(folio)
  return split
}

function* leaves_swap_cache(folio: Folio): Steps<boolean> {
  if (kernel().geometry.swapSlots === 0) return true
  if (!is_swapcache(yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' }))) return true
  return yield* folio_free_swap(folio)
}

/** Makes the folio discardable if nobody else maps it. False if it has to be left alone. */
function* clean_folio(folio: Folio): Steps<boolean> {
  const flags = yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })
  if (!(flags & PG_dirty) && !is_swapcache(flags)) return true
  if (!(yield* folio_trylock(folio))) return false
  const alone = (yield* folio_mapcount(folio)) === 1 && (yield* leaves_swap_cache(folio))
  if (alone) yield* clearBits(folio.flags, PG_dirty, { label: 'folio_clear_dirty(folio)' })
  yield* folio_unlock(folio)
  return alone
}

/** What happened to an entry: go on; look at it again; or the walk of this table ends (with the lock held or not). */
type FreePte = 'next' | 'again' | 'end'

function* free_present(mm: Mm, tlb: MmuGather, vma: Vma, ptep: Cell, ptl: Cell, pte: Pte, address: number): Steps<FreePte> {
  const page = yield* vm_normal_page(vma, address, pte)
  if (!page || kernel().memory.isDevice(page)) return 'next'
  const folio = yield* compound_head(page)
  if (yield* folio_test_large(folio)) {
    if ((yield* page_mapcount(folio)) !== 1) return 'end'
    yield* folio_get(folio)
    if (!(yield* folio_trylock(folio))) {
      yield* folio_put(folio)
      return 'end'
    }
    yield* spin_unlock(ptl)
    const split = yield* split_held(folio)
    yield* spin_lock(ptl)
    return split ? 'again' : 'end'
  }
  if (!(yield* clean_folio(folio))) return 'next'
  if (pte_young(pte) || pte_dirty(pte)) {
    const old = yield* ptep_get_and_clear(mm, address, ptep)
    yield* set_pte_at(ptep, pte_mkclean(pte_mkold(old)))
    yield* tlb_flush_pte_range(tlb, address, address + 1)
  }
  yield* mark_page_lazyfree(folio)
  return 'next'
}

/** mm/madvise.c:madvise_free_pte_range, of a table. */
export function* madvise_free_pte_range(mm: Mm, tlb: MmuGather, vma: Vma, pmdp: Cell, seen: Pmd, address: number, end: number): Steps {
  const pmd = yield* lock_page_table(pmdp, seen)
  if (pmd === undefined) return
  const ptl = pte_lockptr(pmd)
  yield* flush_tlb_batched_pending(mm)
  yield* arch_enter_lazy_mmu_mode()
  for (let at = address; at < end;) {
    const ptep = pte_offset_map(pmd, at)
    const pte = yield* ptep_get(ptep)
    if (is_genuine_swap_entry(pte)) {
      yield* free_swap_and_cache(pte)
      yield* store(ptep, 0, { label: 'pte_clear_not_present_full()' })
    }
    const done = !pte_none(pte) && pte_present(pte) ? yield* free_present(mm, tlb, vma, ptep, ptl, pte, at) : 'next'
    if (done === 'end') break
    if (done === 'next') at++
  }
  yield* arch_leave_lazy_mmu_mode()
  yield* spin_unlock(ptl)
}

function* lazyfree_huge(mm: Mm, tlb: MmuGather, folio: Folio, pmdp: Cell, pmd: Pmd, address: number): Steps {
  yield* clearBits(folio.flags, PG_dirty, { label: 'ClearPageDirty(page)' })
  yield* folio_unlock(folio)
  if (pte_young(pmd) || pte_dirty(pmd)) {
    yield* pmdp_invalidate(mm, address, pmdp)
    yield* set_pmd_at(pmdp, pte_mkclean(pte_mkold(pmd)))
    yield* tlb_flush_pte_range(tlb, address, address + kernel().geometry.ptrsPerPte)
  }
  yield* mark_page_lazyfree(folio)
}

/** mm/huge_memory.c:madvise_free_huge_pmd. True if the huge page was dealt with whole. */
export function* madvise_free_huge_pmd(mm: Mm, tlb: MmuGather, pmdp: Cell, address: number, next: number): Steps<boolean> {
  yield* pmd_lock(mm)
  const pmd = yield* pmdp_get(pmdp)
  const normal = pmd_trans_huge(pmd) && pmd_present(pmd) && pmd_pfn(pmd) !== kernel().memory.hugeZeroPage.pfn
  const folio = normal ? kernel().page(pmd_pfn(pmd)) : undefined
  if (!folio || (yield* folio_mapcount(folio)) !== 1 || !(yield* folio_trylock(folio))) {
    yield* pmd_unlock(mm)
    return false
  }
  const whole = next - address === kernel().geometry.ptrsPerPte
  if (whole) yield* lazyfree_huge(mm, tlb, folio, pmdp, pmd, address)
  else yield* folio_get(folio)
  yield* pmd_unlock(mm)
  if (!whole) yield* split_held(folio)
  return whole
}

function* madvise_free_pmd(mm: Mm, tlb: MmuGather, vma: Vma, address: number, next: number): Steps {
  const pmdp = pmd_offset(mm, address)
  if (pmd_trans_huge(yield* pmdp_get(pmdp)) && (yield* madvise_free_huge_pmd(mm, tlb, pmdp, address, next))) return
  const table = yield* pmd_of_table(pmdp)
  if (table !== undefined) yield* madvise_free_pte_range(mm, tlb, vma, pmdp, table, address, next)
}

/** mm/madvise.c:madvise_free_single_vma: pages that are not written again may be discarded. */
export function* madvise_free_single_vma(mm: Mm, vma: Vma, start: number, end: number, shared?: MmuGather): Steps {
  yield* lru_add_drain()
  const tlb = shared ?? (yield* tlb_gather_mmu(mm))
  yield* mmu_notifier_invalidate_range_start(mm, start, end)
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    yield* madvise_free_pmd(mm, tlb, vma, at, next)
    at = next
  }
  yield* tlb_end_vma(mm, tlb)
  yield* mmu_notifier_invalidate_range_end(mm, start, end)
  if (!shared) yield* tlb_finish_mmu(mm, tlb)
}
