import type { LockOp } from '../../engine/model/lock.js'
import { atomic, Blocked, store, type Step, type Steps } from '../../engine/model/step.js'
import { add } from '../include/cells.js'
import { LISTED, PENDING, type WorkStruct } from '../include/workqueue.js'
import { has, kernel } from '../kernel.js'
import { lock_map_acquire, lock_map_release } from '../locking/lock-map.js'

/** kernel/workqueue.c:queue_work. False: it was queued already. */
export function* queue_work(work: WorkStruct): Steps<boolean> {
  if (!has('fine-queue-work')) return yield* set_pending(work, 'queue_work(work)', PENDING | LISTED)
  if (!(yield* set_pending(work, 'test_and_set_bit(WORK_STRUCT_PENDING_BIT)', PENDING))) return false
  yield* store(work.pending, PENDING | LISTED, { label: 'insert_work(work)' })
  return true
}

const set_pending = (work: WorkStruct, label: string, to: number): Step<boolean> =>
  atomic(label, (m) => {
    if (m.get(work.pending)) return false
    m.set(work.pending, to)
    return true
  })

/** The lockdep_map of a work: held while it is done, wanted by those who wait for its end. */
const mapOf = (work: WorkStruct): string => `(work_completion)(&${work.name.replaceAll(/\d/g, '').replace('.', '->')})`
const waits_for = (work: WorkStruct): LockOp => ({ op: 'acquire', lock: mapOf(work), passes: true, sleeps: true })

/** kernel/workqueue.c:flush_work: until what was queued has been done. A work that is pending and on no list yet it takes for one that is not queued. */
export const flush_work = (work: WorkStruct): Step<void> =>
  atomic('flush_work(work)', (m) => (m.get(work.pending) & LISTED || m.get(work.running) ? new Blocked('not done yet') : undefined),
    { lock: waits_for(work) })

/** kernel/workqueue.c:cancel_work_sync. It is not queued any more, and no worker is in it. True: it was queued. */
export function* cancel_work_sync(work: WorkStruct): Steps<boolean> {
  const was = yield* atomic('try_to_grab_pending(work)', (m) => {
    const pending = m.get(work.pending)
    if (pending === PENDING) return new Blocked('somebody is about to queue it')
    m.set(work.pending, 0)
    return pending !== 0
  })
  yield* atomic('__flush_work(work)', (m) => (m.get(work.running) ? new Blocked('running') : undefined), { lock: waits_for(work) })
  return was
}

/** A work to do; undefined when nobody is left who could queue one. A work never runs twice at once. */
const next_work = (): Step<WorkStruct | undefined> =>
  atomic('worker: next work', (m) => {
    const { works, users } = kernel().workqueue
    const work = works.find((w) => m.get(w.pending) & LISTED && !m.get(w.running))
    if (!work) return m.get(users) > 0 ? new Blocked('idle') : undefined
    m.set(work.pending, 0)
    m.set(work.running, 1)
    return work
  })

const work_done = (work: WorkStruct): Step<void> => atomic('worker: work done', (m) => m.set(work.running, 0))

/** What a thread runs that may queue work: when all of these have ended, workers do too. */
export function* queues_work(body: Steps<unknown>): Steps {
  yield* body
  yield* atomic('(thread ends)', (m) => void add(m, kernel().workqueue.users, -1))
}

/** kernel/workqueue.c:worker_thread: what a worker's CPU runs, until everybody else has come to an end. */
export function* worker_thread(): Steps {
  for (;;) {
    const work = yield* next_work()
    if (!work) return
    yield* lock_map_acquire(mapOf(work))
    yield* work.func!()
    yield* lock_map_release(mapOf(work))
    yield* work_done(work)
  }
}
