import type { Cell } from '../../engine/model/memory.js'
import { acquire, cmpxchg, type Step, type Steps, store } from '../../engine/model/step.js'

/** Spinlocks, and mutexes as far as anyone can see: 0 free, 1 held. */
export const spin_lock = (lock: Cell, label = 'spin_lock(ptl)'): Step<void> => acquire(lock, 0, 1, { label })

export const spin_unlock = (lock: Cell, label = 'spin_unlock(ptl)'): Step<void> => store(lock, 0, { label, order: 'release' })

export function* spin_trylock(lock: Cell, label = 'spin_trylock(ptl)'): Steps<boolean> {
  return (yield* cmpxchg(lock, 0, 1, { label })) === 0
}
