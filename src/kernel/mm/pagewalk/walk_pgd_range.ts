import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import type { PageTable } from '../../include/page_table.js'
import { is_swap_pmd, pmd_none, pmd_present, pmd_trans_huge } from '../../include/pgtable.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { pmd_addr_end } from '../addr_end.js'
import { __split_huge_pmd } from '../huge_memory/split_huge_pmd.js'
import { pte_map_may_fail, pte_offset_map_lock, pte_offset_map_nolock, pte_table, pte_unmap } from '../memory/pte_lock.js'
import { pmd_offset, pmdp_get, pte_index } from '../pgtable.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { kernel } from '../../kernel.js'
import type { MmWalk } from './mm_walk.js'

/** mm/pagewalk.c:walk_pte_range. Without a VMA the entries may be no memory, and are not locked. */
export function* walk_pte_range<P>(pmdp: Cell, start: number, end: number, walk: MmWalk<P>): Steps<'ACTION_AGAIN' | 0> {
  const { ops } = walk
  if (walk.no_vma) {
    const table = yield* unlocked_table(pmdp)
    if (!table) return 'ACTION_AGAIN'
    for (let at = start; at < end; at++) yield* ops.pte_entry!(table.entries[pte_index(at)]!, at, walk)
    yield* pte_unmap()
    return 0
  }
  const locked = yield* pte_offset_map_lock(pmdp, start)
  if (!locked) return 'ACTION_AGAIN'
  for (let at = start; at < end; at++) yield* ops.pte_entry!(locked.table.entries[pte_index(at)]!, at, walk)
  yield* spin_unlock(locked.ptl)
  return 0
}

function* unlocked_table(pmdp: Cell): Steps<PageTable | undefined> {
  if (!pte_map_may_fail()) return yield* pte_table(pmdp)
  const pmd = yield* pte_offset_map_nolock(pmdp)
  return pmd === undefined ? undefined : kernel().pmd_pgtable(pmd)
}

/** include/linux/huge_mm.h:split_huge_pmd, and a look at what came of it. False: it has changed, look again. */
export function* split_huge_pmd<P>(pmdp: Cell, start: number, walk: MmWalk<P>): Steps<boolean> {
  const pmd = yield* pmdp_get(pmdp)
  if (is_swap_pmd(pmd) || pmd_trans_huge(pmd)) yield* __split_huge_pmd(walk.mm, walk.vma!, pmdp, start, false)
  return (yield* pmd_of_table(pmdp)) !== undefined
}

/** mm/pagewalk.c:walk_pmd_range, one look at one entry. */
export function* walk_pmd_range<P>(start: number, end: number, walk: MmWalk<P>): Steps<'ACTION_AGAIN' | number> {
  const { ops, mm, vma } = walk
  const pmdp = pmd_offset(mm, start)
  if (pmd_none(yield* pmdp_get(pmdp))) return ops.pte_hole ? yield* ops.pte_hole(start, end, walk) : 0
  const action = ops.pmd_entry ? yield* ops.pmd_entry(pmdp, start, end, walk) : 'ACTION_SUBTREE'
  if (typeof action === 'number' || action === 'ACTION_AGAIN') return action
  if (action === 'ACTION_CONTINUE' || !ops.pte_entry) return 0
  if (vma) {
    if (!(yield* split_huge_pmd(pmdp, start, walk))) return 'ACTION_AGAIN'
  } else {
    const pmd = yield* pmdp_get(pmdp)
    if (pmd_trans_huge(pmd) || !pmd_present(pmd)) return 0
  }
  return yield* walk_pte_range(pmdp, start, end, walk)
}

/** One entry until it stands still: an entry is looked at again when it changes between two looks. */
function* walk_stable_pmd<P>(start: number, end: number, walk: MmWalk<P>): Steps<number> {
  for (;;) {
    const result = yield* walk_pmd_range(start, end, walk)
    if (result !== 'ACTION_AGAIN') return result
  }
}

/** mm/pagewalk.c:walk_pgd_range; the levels above the PMD are folded. */
export function* walk_pgd_range<P>(start: number, end: number, walk: MmWalk<P>): Steps<number> {
  const limit = Math.min(end, kernel().taskSize)
  for (let at = start; at < limit;) {
    const next = pmd_addr_end(at, limit)
    const result = yield* walk_stable_pmd(at, next, walk)
    if (result !== 0) return result
    at = next
  }
  return 0
}
