import type { LockOp } from '../../engine/model/lock.js'
import type { Cell } from '../../engine/model/memory.js'
import { acquire, atomic, Blocked, fetchAdd, type Step, type Steps, store } from '../../engine/model/step.js'
import { kernel } from '../kernel.js'
import { released, taken } from './lock-op.js'

/*
 * Read-write semaphores (kernel/locking/rwsem.c): 0 free, -1 held for writing, n held n times for reading. A reader that
 * comes while a writer waits waits behind it. That matters only to who waits for whom: without it there are more
 * interleavings and fewer deadlocks. So it is left out unless `geometry.fairRwsems` says otherwise; O12 reckons with it always.
 * With it, each waiting writer adds WAITER to the value.
 */

const WAITER = 1 << 16

const waiters = (value: number): number => (value + 1) >> 16
const holders = (value: number): number => value - waiters(value) * WAITER

const fair = (): boolean => kernel().geometry.fairRwsems

const read = (sem: Cell, label: string, lock: LockOp): Step<void> =>
  atomic(label, (m) => {
    const value = m.get(sem)
    if (holders(value) < 0) return new Blocked('held for writing')
    if (waiters(value) > 0) return new Blocked('a writer waits')
    m.set(sem, value + 1)
  }, { order: 'acquire', lock })

export const down_read = (sem: Cell, label = 'down_read(sem)'): Step<void> =>
  read(sem, label, taken(sem, { mode: 'read', sleeps: true }))

/** For who does not release it in the same context. Lockdep is not told. */
export const down_read_non_owner = (sem: Cell, label = 'down_read_non_owner(sem)'): Step<void> => read(sem, label, { op: 'sleep' })

export const up_read_non_owner = (sem: Cell, label = 'up_read_non_owner(sem)'): Step => fetchAdd(sem, -1, { label, order: 'release' })

export const down_read_trylock = (sem: Cell, label = 'down_read_trylock(sem)'): Step<boolean> =>
  atomic(label, (m) => {
    const value = m.get(sem)
    if (holders(value) < 0 || waiters(value) > 0) return false
    m.set(sem, value + 1)
    return true
  }, { order: 'acquire', lock: taken(sem, { mode: 'read', tries: true, succeeds: (got) => got === true }) })

export const up_read = (sem: Cell, label = 'up_read(sem)'): Step =>
  fetchAdd(sem, -1, { label, order: 'release', lock: released(sem) })

export function* down_write(sem: Cell, label = 'down_write(sem)', subclass = 0): Steps {
  if (!fair()) return yield* acquire(sem, 0, -1, { label, lock: taken(sem, { sleeps: true, subclass }) })
  if (yield* write_or_queue(sem, label, subclass)) return
  yield* woken(sem, label, subclass)
}

/** Whether it has the lock; otherwise it waits from here on. */
const write_or_queue = (sem: Cell, label: string, subclass: number): Step<boolean> =>
  atomic(label, (m) => {
    const value = m.get(sem)
    m.set(sem, value === 0 ? -1 : value + WAITER)
    return value === 0
  }, { order: 'acquire', lock: taken(sem, { sleeps: true, subclass, succeeds: (got) => got === true }) })

const woken = (sem: Cell, label: string, subclass: number): Step<void> =>
  atomic(`${label}: woken`, (m) => {
    const value = m.get(sem)
    if (holders(value) !== 0) return new Blocked('held')
    m.set(sem, value - WAITER - 1)
  }, { order: 'acquire', lock: taken(sem, { sleeps: true, subclass }) })

export const up_write = (sem: Cell, label = 'up_write(sem)'): Step<unknown> =>
  (fair()
    ? fetchAdd(sem, 1, { label, order: 'release', lock: released(sem) })
    : store(sem, 0, { label, order: 'release', lock: released(sem) }))

export const down_write_trylock = (sem: Cell, label = 'down_write_trylock(sem)'): Step<boolean> =>
  atomic(label, (m) => {
    if (m.get(sem) !== 0) return false
    m.set(sem, -1)
    return true
  }, { order: 'acquire', lock: taken(sem, { tries: true, succeeds: (got) => got === true }) })

/** Keeps the lock, for reading. */
export const downgrade_write = (sem: Cell, label = 'downgrade_write(sem)'): Step<unknown> =>
  (fair()
    ? fetchAdd(sem, 2, { label, order: 'release', lock: { op: 'downgrade', lock: sem } })
    : store(sem, 1, { label, order: 'release', lock: { op: 'downgrade', lock: sem } }))
