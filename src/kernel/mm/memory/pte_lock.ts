import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { rcu_read_lock, rcu_read_unlock } from '../../../machine/rcu.js'
import type { PageTable } from '../../include/page_table.js'
import { type Pmd, pmd_none, pmd_present, pmd_trans_huge } from '../../include/pgtable.js'
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

/** The table that the PMD points to; the PMD must be known to. 6.1 takes whatever it finds there for one. */
export function* pte_table(pmdp: Cell): Steps<PageTable> {
  const pmd = yield* pmdp_get(pmdp)
  if (pmd_none(pmd) || pmd_trans_huge(pmd)) yield* bug(`a PMD ${pmd_none(pmd) ? 'that is none' : 'of a huge page'} is taken for a page table`)
  return kernel().pmd_pgtable(pmd)
}

/** include/linux/mm.h:pte_offset_map_lock. The PMD is known to point to a table. */
export function* pte_offset_map_lock(pmdp: Cell, address: number): Steps<LockedPte> {
  const table = yield* pte_table(pmdp)
  yield* spin_lock(table.ptl)
  return { ptep: table.entries[pte_index(address)]!, ptl: table.ptl, table }
}

/** One try; 'again' if the table was taken away before it was locked. */
function* try_lock_table(pmdp: Cell): Steps<Pmd | 'gone' | 'again'> {
  const pmd = yield* pmdp_get(pmdp)
  if (!pmd_present(pmd) || pmd_trans_huge(pmd)) return 'gone'
  const ptl = pte_lockptr(pmd)
  yield* spin_lock(ptl)
  if ((yield* pmdp_get(pmdp)) === pmd) return pmd
  yield* spin_unlock(ptl)
  return 'again'
}

/**
 * Locks the table that the PMD points to; `seen` is what the caller found there. Undefined if it is gone, which it cannot
 * be in 6.1. Since 6.5 (mm/pgtable-generic.c:__pte_offset_map_lock) tables go with their lock held only, and after a grace period.
 */
export function* lock_page_table(pmdp: Cell, seen: Pmd): Steps<Pmd | undefined> {
  if (!has('1d65b771bc08')) {
    yield* spin_lock(pte_lockptr(seen))
    return seen
  }
  yield* rcu_read_lock()
  let found: Pmd | 'gone' | 'again' = 'again'
  while (found === 'again') found = yield* try_lock_table(pmdp)
  yield* rcu_read_unlock()
  return found === 'gone' ? undefined : found
}
