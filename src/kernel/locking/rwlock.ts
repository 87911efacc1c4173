import type { Cell } from '../../engine/model/memory.js'
import { acquire, atomic, Blocked, fetchAdd, type Step, store } from '../../engine/model/step.js'
import { released, taken } from './lock-op.js'

/* rwlock_t: 0 free, -1 held for writing, n held n times for reading. Whoever has one must not sleep. */

export const read_lock = (lock: Cell, label = 'read_lock(lock)'): Step<void> =>
  atomic(label, (m) => {
    const value = m.get(lock)
    if (value < 0) return new Blocked('held for writing')
    m.set(lock, value + 1)
  }, { order: 'acquire', lock: taken(lock, { mode: 'read', atomic: true }) })

export const read_unlock = (lock: Cell, label = 'read_unlock(lock)'): Step =>
  fetchAdd(lock, -1, { label, order: 'release', lock: released(lock) })

export const write_lock = (lock: Cell, label = 'write_lock(lock)'): Step<void> =>
  acquire(lock, 0, -1, { label, lock: taken(lock, { atomic: true }) })

export const write_unlock = (lock: Cell, label = 'write_unlock(lock)'): Step<void> =>
  store(lock, 0, { label, order: 'release', lock: released(lock) })
