import { atomic, Blocked, type Step, type Steps, until } from '../../engine/model/step.js'
import { add } from '../include/cells.js'
import type { Srcu } from '../include/srcu.js'
import type { WorkStruct } from '../include/workqueue.js'
import { has } from '../kernel.js'
import { queue_work } from '../workqueue/workqueue.js'
import { released, taken } from './lock-op.js'

/** Returns what srcu_read_unlock() must be given. */
export const srcu_read_lock = (srcu: Srcu): Step =>
  atomic('srcu_read_lock(&srcu)', (m) => {
    const idx = m.get(srcu.idx)
    add(m, srcu.readers[idx]!, 1)
    return idx
  }, { lock: taken(srcu.idx, { class: `${srcu.name}_srcu`, mode: 'recursive' }) })

export const srcu_read_unlock = (srcu: Srcu, idx: number): Step<void> =>
  atomic('srcu_read_unlock(&srcu, idx)', (m) => void add(m, srcu.readers[idx]!, -1), { lock: released(srcu.idx) })

/** Waits for the readers that are there now; new ones use the other count, once the readers of the last grace period have gone. */
export function* srcu_grace_period(srcu: Srcu): Steps {
  const idx = yield* atomic('srcu_flip()', (m) => {
    const old = m.get(srcu.idx)
    if (m.get(srcu.readers[1 - old]!) > 0) return new Blocked('a grace period is under way')
    m.set(srcu.idx, 1 - old)
    return old
  }, { lock: taken(srcu.idx, { class: `${srcu.name}_srcu`, sleeps: true, passes: true }) })
  yield* until(srcu.readers[idx]!, (n) => n === 0, { label: 'synchronize_srcu(&srcu)' })
}

/**
 * kernel/rcu/srcutree.c:call_srcu: a worker calls `head`, which begins with srcu_grace_period(). Needs geometry.workers. With
 * fewer than 128 CPUs (SRCU_SIZE_SMALL) the callbacks of all CPUs are on one list, and called in its order.
 */
export function* call_srcu(head: WorkStruct): Steps {
  yield* queue_work(head)
}

/** kernel/rcu/srcutree.c:synchronize_srcu. Its own callback wakes it: on one list, it comes after those that were there before. */
export function* synchronize_srcu(srcu: Srcu): Steps {
  yield* srcu_grace_period(srcu)
  if (srcu.heads.length === 0 || has('srcu-list-per-cpu')) return
  yield* atomic('wait_for_completion(&rcu)', (m) =>
    (srcu.heads.some((head) => m.get(head.pending) || m.get(head.running)) ? new Blocked('callbacks before it') : undefined))
}
