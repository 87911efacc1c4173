import type { Cell } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { spin_lock } from '../../locking/spinlock.js'
import { pmdp_get, pte_lockptr, pte_offset_map } from '../pgtable.js'

/** A locked page-table entry. */
export interface LockedPte {
  readonly ptep: Cell
  readonly ptl: Cell
}

/** include/linux/mm.h:pte_offset_map_lock. The PMD is known to point to a table. */
export function* pte_offset_map_lock(pmdp: Cell, address: number): Steps<LockedPte> {
  const pmd = yield* pmdp_get(pmdp)
  const ptl = pte_lockptr(pmd)
  yield* spin_lock(ptl)
  return { ptep: pte_offset_map(pmd, address), ptl }
}
