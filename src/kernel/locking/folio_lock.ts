import { atomic, Blocked, clearBits, setBits, type Step, type Steps } from '../../engine/model/step.js'
import type { LockOp } from '../../engine/model/lock.js'
import type { Folio } from '../include/page.js'
import { PG_locked } from '../include/page_flags.js'
import { released, taken } from './lock-op.js'

const CLASS = 'PG_locked'

/** A folio that its lock bit is set of without looking, because nobody else knows it yet. */
export const folio_locked = (folio: Folio): LockOp => taken(folio.flags, { class: CLASS, several: true, tries: true })

/** mm/filemap.c. The lock is a bit of folio->flags. */
export const folio_lock = (folio: Folio): Step<void> =>
  atomic('folio_lock(folio)', (m) => {
    const flags = m.get(folio.flags)
    if (flags & PG_locked) return new Blocked('locked')
    m.set(folio.flags, flags | PG_locked)
  }, { order: 'acquire', lock: taken(folio.flags, { class: CLASS, several: true, sleeps: true }) })

export function* folio_trylock(folio: Folio): Steps<boolean> {
  const lock = taken(folio.flags, { class: CLASS, several: true, tries: true, succeeds: (flags) => (Number(flags) & PG_locked) === 0 })
  return ((yield* setBits(folio.flags, PG_locked, { label: 'folio_trylock(folio)', lock })) & PG_locked) === 0
}

export const folio_unlock = (folio: Folio): Step =>
  clearBits(folio.flags, PG_locked, { label: 'folio_unlock(folio)', order: 'release', lock: released(folio.flags) })

/** Waits until nobody holds the lock; takes nothing. */
export const folio_wait_locked = (folio: Folio): Step<void> =>
  atomic('folio_wait_locked(folio)', (m) => (m.get(folio.flags) & PG_locked ? new Blocked('locked') : undefined),
    { order: 'acquire', lock: { op: 'sleep' } })
