import type { Cell } from '../../engine/model/memory.js'
import type { Steps } from '../../engine/model/step.js'
import { spin_lock, spin_unlock } from './spinlock.js'

function* run_locked<A extends unknown[], T>(lock: Cell, body: (...args: A) => Steps<T>, args: A): Steps<T> {
  yield* spin_lock(lock, 'spin_lock(lock)')
  const result = yield* body(...args)
  yield* spin_unlock(lock, 'spin_unlock(lock)')
  return result
}

/** The same function, with a spinlock held while it runs. Made at set-up. */
export const locked = <A extends unknown[], T>(lock: Cell, body: (...args: A) => Steps<T>) =>
  (...args: A): Steps<T> => run_locked(lock, body, args)
