import { ModelError } from '../errors.js'
import type { LocalState } from '../learn/automaton.js'
import type { LeafInfo, Loaded } from '../learn/loaded.js'
import type { Violation } from '../violation.js'
import { deadlock } from './deadlock.js'
import { describeStep } from '../model/describe.js'
import type { Choice, Schedule } from './result.js'

/** One step of a run, with what it did. */
export interface TakenStep {
  readonly choice: Choice
  /** The thread's local state before the step: its frames, and the step itself. */
  readonly local: LocalState
  readonly label: string
  readonly leaf: LeafInfo
}

/** A run in full. */
export interface Run {
  readonly steps: readonly TakenStep[]
  /** All cells before the first step and after each. */
  readonly cells: readonly Int32Array[]
  /** Whether all threads have ended, but for those that need not. */
  readonly ended: boolean
  /** What the run violates: its last step, the look at the end, or a deadlock. */
  readonly violation: Violation | undefined
}

/** Takes the steps of a schedule from the start. Throws a ModelError where it does not fit the program. */
export function replay(loaded: Loaded, schedule: Schedule): Run {
  const { core, program } = loaded
  return loaded.guarded(() => {
    loaded.restart()
    const cells = [loaded.words.slice(0, program.memory.size)]
    const steps: TakenStep[] = []
    let violation: Violation | undefined
    for (const choice of schedule) {
      const local = core.localOf(choice.thread)
      const state = loaded.automaton.states[local]
      if (!state?.step) throw misfit(steps.length, 'that thread has ended')
      const leafId = core.leafOf(local, choice.alternative)
      const leaf = loaded.leaf(leafId)
      if (leaf.blocked !== undefined) throw misfit(steps.length, `"${describeStep(state.step, program.memory)}" has to wait`)
      steps.push({ choice, local: state, label: describeStep(state.step, program.memory), leaf })
      violation ??= leaf.violation
      core.advance(choice.thread, leafId)
      cells.push(loaded.words.slice(0, program.memory.size))
    }
    const stuck = isStuck(loaded)
    const ended = stuck && core.atRest() !== 0
    if (!violation && ended && loaded.finalLocal >= 0) violation = loaded.leaf(core.leafOf(loaded.finalLocal, 0)).violation
    if (!violation && stuck && !ended) violation = deadlock(loaded)
    return { steps, cells, ended, violation }
  })
}

const misfit = (step: number, why: string): ModelError =>
  new ModelError('broke-a-rule', `the schedule does not fit at step ${step + 1}: ${why}`, 'it was recorded with another model or other parameters')

function isStuck({ core, program }: Loaded): boolean {
  return program.threads.every((_, t) => {
    const local = core.localOf(t)
    for (let a = 0; a < core.alternatives(local); a++) if (!core.isBlocked(core.leafOf(local, a))) return false
    return true
  })
}
