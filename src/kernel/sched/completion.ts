import type { Cell } from '../../engine/model/memory.js'
import { atomic, Blocked, fetchAdd, type Step } from '../../engine/model/step.js'

/* kernel/sched/completion.c: a cell that counts how many may go on. */

export const complete = (done: Cell): Step => fetchAdd(done, 1, { label: 'complete(x)', order: 'release' })

/** kernel/sched/completion.c:wait_for_completion */
export const wait_for_completion = (done: Cell): Step<void> =>
  atomic('wait_for_completion(x)', (m) => {
    if (m.get(done) === 0) return new Blocked('not complete')
    return m.set(done, m.get(done) - 1)
  }, { order: 'acquire', lock: { op: 'sleep' } })
