import type { Cell } from '../../../engine/model/memory.js'
import { store, type Steps } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { flush_tlb_range } from '../../../machine/flush.js'
import { bug } from '../../bug.js'
import type { Mm } from '../../include/mm.js'
import {
  _PAGE_TABLE, _PAGE_UFFD_WP, is_swap_pmd, PFN_SHIFT, type Pmd, pmd_none, pmd_pfn, pmd_present, pmd_trans_huge, pte_devmap, pte_mksoft_dirty, pte_none, pte_present,
} from '../../include/pgtable.js'
import { SWP_SOFT_DIRTY, SWP_UFFD_WP } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { move_starts, promise } from '../../observer.js'
import { pmd_addr_end } from '../addr_end.js'
import { __split_huge_pmd } from '../huge_memory/split_huge_pmd.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import { move_hugetlb_page_tables } from '../hugetlb/move_hugetlb_page_tables.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { lock_page_table, points_to_table, pte_map_may_fail } from '../memory/pte_lock.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_alloc, pte_lockptr, pte_offset_map, ptep_get, set_pmd_at, set_pte_at } from '../pgtable.js'
import { pmdp_huge_get_and_clear, ptep_get_and_clear } from '../pgtable_generic.js'
import { flush_tlb_batched_pending } from '../rmap/flush_tlb_batched_pending.js'
import { drop_rmap_locks, take_rmap_locks } from './rmap_locks.js'

/** What moves: `vma` is where it comes from. */
export interface Move {
  readonly mm: Mm
  readonly vma: Vma
  readonly new_vma: Vma
  readonly need_rmap_locks: boolean
  /** A monitor that gets no events (UFFD_FEATURE_EVENT_REMAP) does not go with what moves. */
  readonly clear_uffd_wp: boolean
}

/** One entry. Returns whether it was present, so that its translation has to go. */
function* move_pte({ mm, clear_uffd_wp }: Move, from: Cell, to: Cell, address: number): Steps<boolean> {
  if (pte_none(yield* ptep_get(from))) return false
  const pte = yield* ptep_get_and_clear(mm, address, from)
  const present = pte_present(pte)
  const moved = present ? pte_mksoft_dirty(pte) : pte | SWP_SOFT_DIRTY
  yield* set_pte_at(to, clear_uffd_wp ? moved & ~(present ? _PAGE_UFFD_WP : SWP_UFFD_WP) : moved)
  return present
}

/** mm/mremap.c:move_ptes. False if the table has been taken away since (-EAGAIN). */
export function* move_ptes(move: Move, old_pmdp: Cell, now: Pmd, address: number, end: number, new_address: number): Steps<boolean> {
  const { vma } = move
  if (move.need_rmap_locks) yield* take_rmap_locks(vma)
  const old = yield* lock_page_table(old_pmdp, pte_map_may_fail() ? 0 : yield* pmdp_get(old_pmdp))
  if (old !== undefined) yield* move_locked(move, old, now, address, end, new_address)
  if (move.need_rmap_locks) yield* drop_rmap_locks(vma)
  return old !== undefined
}

/** With the old table locked, which is unlocked. The TLB is flushed before the locks are dropped. */
function* move_locked(move: Move, old: Pmd, now: Pmd, address: number, end: number, new_address: number): Steps {
  const { mm } = move
  const two = pte_lockptr(old) !== pte_lockptr(now)
  if (two) yield* spin_lock(pte_lockptr(now), 'spin_lock(new_ptl)', SINGLE_DEPTH_NESTING)
  yield* flush_tlb_batched_pending(mm)
  yield* move_starts(mm, address, end)
  yield* arch_enter_lazy_mmu_mode()
  const early = has('mutant-mremap-flush-first')
  if (early) yield* flush_tlb_range(mm, address, end)
  let flush = false
  for (let i = 0; i < end - address; i++) {
    if (yield* move_pte(move, pte_offset_map(old, address + i), pte_offset_map(now, new_address + i), address + i)) flush = true
  }
  yield* arch_leave_lazy_mmu_mode()
  const late = !has('eb66ae030829') || early
  if (flush && !late) yield* flush_tlb_range(mm, address, end)
  yield* promise(mm, address, end, 'no access', 'mremap(), under the lock')
  if (two) yield* spin_unlock(pte_lockptr(now), 'spin_unlock(new_ptl)')
  yield* spin_unlock(pte_lockptr(old), 'spin_unlock(old_ptl)')
  if (flush && late && !early) yield* flush_tlb_range(mm, address, end)
}

/** mm/mremap.c:move_normal_pmd: the whole table at once, with the rmap locks. False if the place is taken, or the table gone. */
export function* move_normal_pmd(move: Move, old_pmdp: Cell, new_pmdp: Cell, address: number): Steps<boolean> {
  if (!pmd_none(yield* pmdp_get(new_pmdp)) || move.clear_uffd_wp) return false
  yield* pmd_lock(move.mm)
  const pmd = yield* pmdp_get(old_pmdp)
  const table = !has('6fa1066fc5d0') || points_to_table(pmd)
  if (table) {
    yield* store(old_pmdp, 0, { label: 'pmd_clear(old_pmd)' })
    // Of an entry that is none, pmd_pgtable() makes page 0.
    yield* store(new_pmdp, (pmd_pfn(pmd) << PFN_SHIFT) | _PAGE_TABLE, { label: 'pmd_populate(new_pmd)', order: 'release' })
    yield* flush_tlb_range(move.mm, address, address + kernel().geometry.ptrsPerPte)
  }
  yield* pmd_unlock(move.mm)
  return table
}

/** mm/huge_memory.c:move_huge_pmd. The deposited table stays: it belongs to the PMD table, which is the same. */
export function* move_huge_pmd(move: Move, old_pmdp: Cell, new_pmdp: Cell, address: number): Steps<boolean> {
  const { mm } = move
  const end = address + kernel().geometry.ptrsPerPte
  if (!pmd_none(yield* pmdp_get(new_pmdp))) return false
  yield* pmd_lock(mm)
  const seen = yield* pmdp_get(old_pmdp)
  const huge = is_swap_pmd(seen) || pmd_trans_huge(seen)
  let flush = false
  if (huge) {
    yield* move_starts(mm, address, end)
    const pmd = yield* pmdp_huge_get_and_clear(mm, address, old_pmdp)
    const moved = is_swap_pmd(pmd) ? pmd | SWP_SOFT_DIRTY : pte_mksoft_dirty(pmd)
    yield* set_pmd_at(new_pmdp, move.clear_uffd_wp ? moved & ~(pmd_present(pmd) ? _PAGE_UFFD_WP : SWP_UFFD_WP) : moved)
    flush = pmd_present(pmd)
    if (flush && !has('mutant-move-huge-flush-late')) yield* flush_tlb_range(mm, address, end)
    yield* promise(mm, address, end, 'no access', 'mremap(), under the lock')
  }
  yield* pmd_unlock(mm)
  if (flush && has('mutant-move-huge-flush-late')) yield* flush_tlb_range(mm, address, end)
  return huge
}

/** mm/mremap.c:move_pgt_entry: a huge entry, or a whole table, which always needs the rmap locks. */
export function* move_pgt_entry(move: Move, huge: boolean, old_pmdp: Cell, new_pmdp: Cell, address: number): Steps<boolean> {
  const locks = move.need_rmap_locks || !huge
  if (has('mutant-pmd-check-before-locks') && !huge && !points_to_table(yield* pmdp_get(old_pmdp))) return false
  if (locks) yield* take_rmap_locks(move.vma)
  const moved = huge
    ? yield* move_huge_pmd(move, old_pmdp, new_pmdp, address)
    : yield* move_normal_pmd(move, old_pmdp, new_pmdp, address)
  if (locks) yield* drop_rmap_locks(move.vma)
  return moved
}

/** One extent, which lies in one table on both sides; again if its table goes meanwhile. */
function* move_extent(move: Move, address: number, extent: number, new_address: number): Steps {
  while (!(yield* try_move_extent(move, address, extent, new_address)));
}

/** False: the entry is to be looked at again. */
function* try_move_extent(move: Move, address: number, extent: number, new_address: number): Steps<boolean> {
  const { mm, vma } = move
  const old_pmdp = pmd_offset(mm, address)
  const new_pmdp = pmd_offset(mm, new_address)
  const whole = extent === kernel().geometry.ptrsPerPte
  const pmd = yield* pmdp_get(old_pmdp)
  if (pmd_none(pmd)) return true
  const devmap = pte_devmap(pmd) && !has('5bfea2d9b17f')
  if (is_swap_pmd(pmd) || (pmd_trans_huge(pmd) && !devmap)) {
    if (whole && (yield* move_pgt_entry(move, true, old_pmdp, new_pmdp, address))) return true
    yield* __split_huge_pmd(mm, vma, old_pmdp, address, false)
    const after = yield* pmdp_get(old_pmdp)
    if (pmd_none(after) || pmd_trans_huge(after)) return true
  } else if (whole && kernel().profile.moveTables) {
    if (yield* move_pgt_entry(move, false, old_pmdp, new_pmdp, address)) return true
  }
  if (pte_map_may_fail() && pmd_none(yield* pmdp_get(old_pmdp))) return true
  yield* pte_alloc(mm, new_pmdp)
  if (devmap) yield* bug('the lock and the entries of a page table are looked for in memory of a device')
  return yield* move_ptes(move, old_pmdp, yield* pmdp_get(new_pmdp), address, address + extent, new_address)
}

/** mm/mremap.c:move_page_tables */
export function* move_page_tables(move: Move, address: number, new_address: number, len: number): Steps {
  if (yield* is_vm_hugetlb_page(move.vma)) return yield* move_hugetlb_page_tables(move, address, new_address, len)
  const end = address + len
  yield* mmu_notifier_invalidate_range_start(move.mm, address, end)
  for (let done = 0; done < len;) {
    const extent = Math.min(
      pmd_addr_end(address + done, end) - address - done,
      pmd_addr_end(new_address + done, new_address + len) - new_address - done,
    )
    yield* move_extent(move, address + done, extent, new_address + done)
    done += extent
  }
  yield* mmu_notifier_invalidate_range_end(move.mm, address, end)
}

