import type { Steps } from '../../../engine/model/step.js'
import type { PteFault } from '../../include/fault.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { ptep_get } from '../pgtable.js'
import { pte_map_may_fail, pte_offset_map_lock, pte_unmap } from './pte_lock.js'

function* same_or_unlock(vmf: PteFault): Steps<PteFault | undefined> {
  if ((yield* ptep_get(vmf.ptep)) === vmf.orig_pte) return vmf
  yield* spin_unlock(vmf.ptl)
  return undefined
}

/**
 * The entry as handle_pte_fault() has mapped it, locked if it is as it was then; otherwise nothing is. An entry that is not none is in a
 * table that has not been taken away, so that nobody looks at the PMD again.
 */
export function* lock_mapped_pte(vmf: PteFault): Steps<PteFault | undefined> {
  yield* spin_lock(vmf.ptl)
  const same = yield* same_or_unlock(vmf)
  yield* pte_unmap()
  return same
}

/**
 * The entry of a fault that was unmapped meanwhile, looked for and locked again, if it is as it was; otherwise nothing is
 * (pte_offset_map_lock() and pte_same()).
 */
export function* lock_same_pte(vmf: PteFault): Steps<PteFault | undefined> {
  const again = yield* lock_fault(vmf)
  return again && (yield* same_or_unlock(again))
}

/** The same, whatever the entry holds now. Undefined if there is no table any more. */
export function* lock_fault(vmf: PteFault): Steps<PteFault | undefined> {
  if (pte_map_may_fail()) {
    const locked = yield* pte_offset_map_lock(vmf.pmdp, vmf.address)
    return locked && { ...vmf, ptep: locked.ptep, ptl: locked.ptl }
  }
  yield* spin_lock(vmf.ptl)
  return vmf
}
