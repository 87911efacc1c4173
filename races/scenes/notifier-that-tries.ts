import { type Driver, mutex_lock, mutex_trylock, mutex_unlock } from 'mmrace'
import type { Cell, Steps } from 'mmrace/engine'

/** Ends what its device does with the range, for which it needs its lock. If it must not wait and somebody has that, -EAGAIN. */
function* stop(lock: Cell, may_wait: boolean): Steps<boolean> {
  if (may_wait) yield* mutex_lock(lock)
  else if (!(yield* mutex_trylock(lock))) return false
  yield* mutex_unlock(lock)
  return true
}

/** A driver that has to wait before it can start, and so has no end. */
export const triesLock = (lock: Cell): Driver => () => ({
  invalidate_range_start: ({ blockable }) => stop(lock, blockable !== false),
})
