import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { MmuNotifierRange } from '../../include/mmu_notifier.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { mmu_interval_set_seq } from '../../mm/mmu_interval_notifier.js'
import type { Dmirror } from './dmirror.js'

/** lib/test_hmm.c:dmirror_do_update: forgets what it has of the range, and of the page after it. Under the mutex. */
export const dmirror_do_update = (dmirror: Dmirror, start: number, end: number): Step<void> =>
  atomic('dmirror_do_update()', (m) => {
    for (const entry of dmirror.pt.slice(start, end + 1)) m.set(entry, 0)
  })

/** lib/test_hmm.c:dmirror_interval_invalidate. Migrations of its own it knows about, and what it took for itself with its name on it. */
export function* dmirror_interval_invalidate(dmirror: Dmirror, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if ((range.event === 'migrate' || range.event === 'exclusive') && range.owner === dmirror.mdevice.pagemap) return true
  yield* mutex_lock(dmirror.mutex, 'mutex_lock(dmirror->mutex)')
  yield* mmu_interval_set_seq(dmirror.notifier, cur_seq)
  yield* dmirror_do_update(dmirror, range.start, range.end)
  yield* mutex_unlock(dmirror.mutex, 'mutex_unlock(dmirror->mutex)')
  return true
}
