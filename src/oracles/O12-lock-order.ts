import { ORACLE_NAMES } from './names.js'
import type { Oracle } from './oracle.js'

/**
 * SYSTEMS: no deadlock, and no order of locks that could be one. The engine does both: a run that is stuck is reported
 * under the name "deadlock", this one by what a program says of its locks (src/engine/locks).
 */
export const O12: Oracle = {
  id: 'O12',
  name: ORACLE_NAMES.O12,
  text: `Locks are taken in orders that go round: a thread takes B while it holds A, and somewhere, in another run perhaps,
another takes A while it holds B. No run has to deadlock for it. Locks count by class, as in lockdep; so do what orders like
locks: direct reclaim (fs_reclaim), the callbacks of MMU notifiers, works that are flushed, waits for fences, SRCU. A reader
waits behind a writer that waits; who only tries a lock waits for nobody; a lock that interrupt handlers take must not be
held with interrupts on, nor lead to one that is. Also: a thread that holds a spinlock, is in an RCU section or has
interrupts off does what may sleep. A run in which threads really wait for each other for ever is reported as "deadlock".`,
  install: () => undefined,
}
