import type { Cell } from '../../engine/model/memory.js'
import { acquire, atomic, fetchAdd, type Step, store } from '../../engine/model/step.js'
import { Blocked } from '../../engine/model/step.js'
import { released, taken } from './lock-op.js'

/** Read-write semaphores: 0 free, -1 held for writing, n held n times for reading. */
export const down_read = (sem: Cell, label = 'down_read(sem)'): Step<void> =>
  atomic(label, (m) => {
    const count = m.get(sem)
    if (count < 0) return new Blocked('held for writing')
    m.set(sem, count + 1)
  }, { order: 'acquire', lock: taken(sem, { mode: 'read', sleeps: true }) })

export const down_read_trylock = (sem: Cell, label = 'down_read_trylock(sem)'): Step<boolean> =>
  atomic(label, (m) => {
    const count = m.get(sem)
    if (count < 0) return false
    m.set(sem, count + 1)
    return true
  }, { order: 'acquire' })

export const up_read = (sem: Cell, label = 'up_read(sem)'): Step =>
  fetchAdd(sem, -1, { label, order: 'release', lock: released(sem) })

export const down_write = (sem: Cell, label = 'down_write(sem)', subclass = 0): Step<void> =>
  acquire(sem, 0, -1, { label, lock: taken(sem, { sleeps: true, subclass }) })

export const up_write = (sem: Cell, label = 'up_write(sem)'): Step<void> =>
  store(sem, 0, { label, order: 'release', lock: released(sem) })

export const down_write_trylock = (sem: Cell, label = 'down_write_trylock(sem)'): Step<boolean> =>
  atomic(label, (m) => {
    if (m.get(sem) !== 0) return false
    m.set(sem, -1)
    return true
  }, { order: 'acquire', lock: taken(sem, { tries: true, succeeds: (got) => got === true }) })

/** Keeps the lock, for reading. */
export const downgrade_write = (sem: Cell, label = 'downgrade_write(sem)'): Step<void> =>
  store(sem, 1, { label, order: 'release', lock: { op: 'downgrade', lock: sem } })
