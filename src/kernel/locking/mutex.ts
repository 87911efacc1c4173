import type { Cell } from '../../engine/model/memory.js'
import { acquire, cmpxchg, type Step, type Steps, store } from '../../engine/model/step.js'
import { released, taken } from './lock-op.js'

/** kernel/locking/mutex.c. 0 free, 1 held. Who waits for one sleeps, and its holder may. */
export const mutex_lock = (lock: Cell, label = 'mutex_lock(lock)'): Step<void> =>
  acquire(lock, 0, 1, { label, lock: taken(lock, { sleeps: true }) })

export function* mutex_trylock(lock: Cell, label = 'mutex_trylock(lock)'): Steps<boolean> {
  return (yield* cmpxchg(lock, 0, 1, { label, lock: taken(lock, { tries: true, succeeds: (old) => old === 0 }) })) === 0
}

export const mutex_unlock = (lock: Cell, label = 'mutex_unlock(lock)'): Step<void> =>
  store(lock, 0, { label, order: 'release', lock: released(lock) })
