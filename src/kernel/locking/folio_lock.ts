import { atomic, Blocked, clearBits, setBits, type Step, type Steps } from '../../engine/model/step.js'
import type { Folio } from '../include/page.js'
import { PG_locked } from '../include/page_flags.js'

/** mm/filemap.c. The lock is a bit of folio->flags. */
export const folio_lock = (folio: Folio): Step<void> =>
  atomic('folio_lock(folio)', (m) => {
    const flags = m.get(folio.flags)
    if (flags & PG_locked) return new Blocked('locked')
    m.set(folio.flags, flags | PG_locked)
  }, { order: 'acquire' })

export function* folio_trylock(folio: Folio): Steps<boolean> {
  return ((yield* setBits(folio.flags, PG_locked, { label: 'folio_trylock(folio)' })) & PG_locked) === 0
}

export const folio_unlock = (folio: Folio): Step =>
  clearBits(folio.flags, PG_locked, { label: 'folio_unlock(folio)', order: 'release' })

/** Waits until nobody holds the lock; takes nothing. */
export const folio_wait_locked = (folio: Folio): Step<void> =>
  atomic('folio_wait_locked(folio)', (m) => (m.get(folio.flags) & PG_locked ? new Blocked('locked') : undefined))
