import type { Cell } from '../../../engine/model/memory.js'
import { type Steps, store } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { type Pmd, pte_none } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { SINGLE_DEPTH_NESTING, spin_lock, spin_trylock, spin_unlock } from '../../locking/spinlock.js'
import { pmd_lock, pmd_lockptr, pmd_unlock, pmdp_get, pte_lockptr, ptep_get } from '../pgtable.js'
import { pte_offset_map_nolock, pte_unmap } from './pte_lock.js'

/** CONFIG_PT_RECLAIM: MADV_DONTNEED gives back page tables that it has emptied. */
export const pt_reclaim = (): boolean => has('pt-reclaim') && kernel().profile.ptReclaim

const pmd_clear = (pmdp: Cell) => store(pmdp, 0, { label: 'pmd_clear(pmdp)' })

/**
 * mm/memory.c:zap_empty_pte_table. With the lock held of a table whose entries were all zapped under it. What the PMD was, which is none now; undefined
 * if the PMD lock, which others take before the one that is held, cannot be had at once.
 */
export function* zap_empty_pte_table(mm: Mm, pmdp: Cell): Steps<Pmd | undefined> {
  const waits = has('mutant-reclaim-waits-for-pmd-lock')
  if (waits) yield* pmd_lock(mm)
  else if (!(yield* spin_trylock(pmd_lockptr(mm), 'spin_trylock(pml)'))) return undefined
  const pmd = yield* pmdp_get(pmdp)
  yield* pmd_clear(pmdp)
  yield* pmd_unlock(mm)
  return pmd
}

function* all_none(pmd: Pmd): Steps<boolean> {
  for (const ptep of kernel().pmd_pgtable(pmd).entries) if (!pte_none(yield* ptep_get(ptep))) return false
  return true
}

/** mm/memory.c:zap_pte_table_if_empty, when the table has been unlocked meanwhile. What the PMD was, which is none now; undefined if the table is in use. */
export function* zap_pte_table_if_empty(mm: Mm, pmdp: Cell): Steps<Pmd | undefined> {
  yield* pmd_lock(mm)
  const pmd = yield* pte_offset_map_nolock(pmdp)
  if (pmd === undefined) {
    yield* pmd_unlock(mm)
    return undefined
  }
  yield* spin_lock(pte_lockptr(pmd), 'spin_lock(ptl)', SINGLE_DEPTH_NESTING)
  yield* pte_unmap()
  const empty = has('mutant-reclaim-looks-not') || (yield* all_none(pmd))
  if (empty) yield* pmd_clear(pmdp)
  yield* spin_unlock(pte_lockptr(pmd))
  yield* pmd_unlock(mm)
  return empty ? pmd : undefined
}
