import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { rcu_read_lock, rcu_read_unlock } from '../../../machine/rcu.js'
import type { PageTable } from '../../include/page_table.js'
import { type Pmd, pmd_bad, pmd_none, pmd_present, pmd_trans_huge } from '../../include/pgtable.js'
import { bug } from '../../bug.js'
import { has, kernel } from '../../kernel.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { pmdp_get, pte_lockptr, pte_index } from '../pgtable.js'

/** A locked page-table entry. */
export interface LockedPte {
  readonly ptep: Cell
  readonly ptl: Cell
  readonly table: PageTable
}

/** Whether page tables may go away under whoever has found them: then looking for one may fail. Before, they stayed for as long as the mmap_lock was held. */
export const pte_map_may_fail = (): boolean => has('0d940a9b270b')

/** The table that the PMD points to; the PMD must be known to. 6.1 takes whatever it finds there for one. */
export function* pte_table(pmdp: Cell): Steps<PageTable> {
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_none(pmd) || pmd_trans_huge(pmd)) yield* bug(`a PMD ${pmd_none(pmd) ? 'that is none' : 'of a huge page'} is taken for a page table`)
  return kernel().pmd_pgtable(pmd)
}

/** Whether an entry points to a table, and is neither none, nor huge, nor a migration entry. */
export const points_to_table = (pmd: Pmd): boolean => pmd_present(pmd) && !pmd_trans_huge(pmd) && !pmd_bad(pmd)

/**
 * mm/pgtable-generic.c:__pte_offset_map, since 6.5: what the PMD says, if that is a table. Until pte_unmap() the table can be read, which
 * may be out of the tree by then. Undefined, and nothing to unmap, if there is none.
 */
export function* pte_offset_map_nolock(pmdp: Cell): Steps<Pmd | undefined> {
  yield* rcu_read_lock()
  const pmd = yield* pmdp_get(pmdp)
  if (points_to_table(pmd)) return pmd
  yield* rcu_read_unlock()
  return undefined
}

/** include/linux/pgtable.h:pte_unmap. Until 6.5 there was nothing to it. */
export function* pte_unmap(): Steps {
  if (pte_map_may_fail()) yield* rcu_read_unlock()
}

/** One try; 'again' if the table was taken away before it was locked. */
function* try_lock_table(pmdp: Cell): Steps<Pmd | 'gone' | 'again'> {
  const pmd = yield* pmdp_get(pmdp)
  if (!points_to_table(pmd)) return 'gone'
  const ptl = pte_lockptr(pmd)
  yield* spin_lock(ptl)
  if (has('mutant-no-pmd-same') || (yield* pmdp_get(pmdp)) === pmd) return pmd
  yield* spin_unlock(ptl)
  return 'again'
}

/**
 * mm/pgtable-generic.c:pte_offset_map_lock, since 6.5. Tables go with their lock held only, and after a grace period. Who has the lock of one
 * that is in the tree need not be in a read-side section any longer.
 */
function* lock_attached_table(pmdp: Cell): Steps<Pmd | undefined> {
  yield* rcu_read_lock()
  let found: Pmd | 'gone' | 'again' = 'again'
  while (found === 'again') found = yield* try_lock_table(pmdp)
  yield* rcu_read_unlock()
  return found === 'gone' ? undefined : found
}

/** Locks the table that the PMD points to; `seen` is what the caller found there. Undefined if it is gone, which it cannot be in 6.1. */
export function* lock_page_table(pmdp: Cell, seen: Pmd): Steps<Pmd | undefined> {
  if (pte_map_may_fail()) return yield* lock_attached_table(pmdp)
  yield* spin_lock(pte_lockptr(seen))
  return seen
}

/** include/linux/mm.h:pte_offset_map_lock. Undefined if there is no table (any more); in 6.1 the PMD is known to point to one. */
export function* pte_offset_map_lock(pmdp: Cell, address: number): Steps<LockedPte | undefined> {
  if (pte_map_may_fail()) {
    const pmd = yield* lock_attached_table(pmdp)
    return pmd === undefined ? undefined : locked_in(kernel().pmd_pgtable(pmd), address)
  }
  const table = yield* pte_table(pmdp)
  yield* spin_lock(table.ptl)
  return locked_in(table, address)
}

const locked_in = (table: PageTable, address: number): LockedPte => ({ ptep: table.entries[pte_index(address)]!, ptl: table.ptl, table })
