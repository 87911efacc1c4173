import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { EINVAL } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { pmd_none, pmd_trans_huge, pte_none } from '../../include/pgtable.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { pmd_addr_end } from '../addr_end.js'
import { pmd_offset, pmdp_get, pte_alloc, pte_index, ptep_get } from '../pgtable.js'
import { pte_offset_map_lock } from './pte_lock.js'

/** What is done to an entry, under its page-table lock. `data` is the caller's. A number that is not 0 ends it with that error. */
export type PteFn<D> = (ptep: Cell, address: number, data: D) => Steps<number | void>

/** Entries from `start` to `end`, all of one table. `create`: tables are made, and entries that are none count. */
export interface ApplyRange<D> {
  readonly mm: Mm
  readonly fn: PteFn<D>
  readonly data: D
  readonly create: boolean
}

/** mm/memory.c:apply_to_pte_range. Nothing looks at the PMD again between the caller's look and the lock. */
export function* apply_to_pte_range<D>(range: ApplyRange<D>, pmdp: Cell, start: number, end: number): Steps<number> {
  if (range.create) yield* pte_alloc(range.mm, pmdp)
  const locked = yield* pte_offset_map_lock(pmdp, start)
  if (!locked) return -EINVAL
  const { table, ptl } = locked
  yield* arch_enter_lazy_mmu_mode()
  let error = 0
  for (let at = start; at < end && error === 0; at++) {
    const ptep = table.entries[pte_index(at)]!
    if (range.create || !pte_none(yield* ptep_get(ptep))) error = (yield* range.fn(ptep, at, range.data)) ?? 0
  }
  yield* arch_leave_lazy_mmu_mode()
  yield* spin_unlock(ptl)
  return error
}

/** mm/memory.c:apply_to_pmd_range, one entry. Three reads of it, between which it may change. */
export function* apply_to_pmd_range<D>(range: ApplyRange<D>, start: number, end: number): Steps<number> {
  const pmdp = pmd_offset(range.mm, start)
  if (pmd_none(yield* pmdp_get(pmdp)) && !range.create) return 0
  if (pmd_trans_huge(yield* pmdp_get(pmdp))) return -EINVAL
  return yield* apply_to_pte_range(range, pmdp, start, end)
}

/** mm/memory.c:__apply_to_page_range; the levels above the PMD are folded. */
export function* __apply_to_page_range<D>(range: ApplyRange<D>, start: number, end: number): Steps<number> {
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    const error = yield* apply_to_pmd_range(range, at, next)
    if (error) return error
    at = next
  }
  return 0
}

/** mm/memory.c:apply_to_page_range, `size` pages: `fn` for every entry, with tables as needed. No notifier, no flush. */
export const apply_to_page_range = <D>(mm: Mm, start: number, size: number, fn: PteFn<D>, data: D): Steps<number> =>
  __apply_to_page_range({ mm, fn, data, create: true }, start, start + size)

/** mm/memory.c:apply_to_existing_page_range: only entries that are not none. */
export const apply_to_existing_page_range = <D>(mm: Mm, start: number, size: number, fn: PteFn<D>, data: D): Steps<number> =>
  __apply_to_page_range({ mm, fn, data, create: false }, start, start + size)
