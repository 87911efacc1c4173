import { ModelError } from '../engine/errors.js'
import type { Loaded } from '../engine/learn/loaded.js'
import { describeStep } from '../engine/model/describe.js'
import { replay, type Run } from '../engine/search/replay.js'
import type { Choice } from '../engine/search/result.js'
import type { TraceFile } from './trace-file.js'

/** Takes the steps that a file names. Throws a ModelError at the first that this program does not have there. */
export function fitSchedule(loaded: Loaded, file: TraceFile): Run {
  const { threads, memory } = loaded.program
  const schedule: Choice[] = []
  file.schedule.forEach(({ lane, step, alternative = 0 }, i) => {
    const misfit = (why: string): ModelError =>
      new ModelError('broke-a-rule', `the trace no longer fits at step ${i + 1}, "${step}" of ${lane}: ${why}`, 'the model changed since it was recorded; search again')
    const thread = threads.findIndex((t) => t.name === lane)
    if (thread < 0) throw misfit('there is no such lane')
    replay(loaded, schedule)
    const { step: pending } = loaded.automaton.states[loaded.core.localOf(thread)]!
    if (!pending) throw misfit('it has ended')
    const label = describeStep(pending, memory)
    if (label !== step) throw misfit(`its next step is "${label}"`)
    schedule.push({ thread, alternative })
  })
  return replay(loaded, schedule)
}
