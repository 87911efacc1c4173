import type { Cell } from '../../engine/model/memory.js'
import { acquire, cmpxchg, type Step, type Steps, store } from '../../engine/model/step.js'
import { released, taken } from './lock-op.js'

/** The second lock of its class: spin_lock_nested(lock, SINGLE_DEPTH_NESTING). */
export const SINGLE_DEPTH_NESTING = 1

/** Spinlocks: 0 free, 1 held. Whoever has one must not sleep. */
export const spin_lock = (lock: Cell, label = 'spin_lock(ptl)', subclass = 0): Step<void> =>
  acquire(lock, 0, 1, { label, lock: taken(lock, { atomic: true, subclass }) })

export const spin_unlock = (lock: Cell, label = 'spin_unlock(ptl)'): Step<void> =>
  store(lock, 0, { label, order: 'release', lock: released(lock) })

export function* spin_trylock(lock: Cell, label = 'spin_trylock(ptl)'): Steps<boolean> {
  return (yield* cmpxchg(lock, 0, 1, { label, lock: taken(lock, { atomic: true, tries: true, succeeds: (old) => old === 0 }) })) === 0
}
