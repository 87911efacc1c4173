import type { Loaded } from '../learn/loaded.js'
import type { Violation } from '../violation.js'
import { describeStep } from '../model/describe.js'

/** The name under which a state that nobody can leave is reported. */
export const DEADLOCK = 'deadlock'

/**
 * What the deadlock of the current state looks like: who waits, at which step, for what. `order` tells which thread
 * stands at which place, when some were swapped.
 */
export function deadlock(loaded: Loaded, order?: readonly number[]): Violation {
  const waits = loaded.program.threads.flatMap((thread, t) => {
    const local = loaded.core.localOf(order ? order.indexOf(t) : t)
    const { step } = loaded.automaton.states[local]!
    if (!step) return []
    const { blocked } = loaded.leaf(loaded.core.leafOf(local, 0))
    return [`${thread.name} waits at "${describeStep(step, loaded.program.memory)}"${blocked ? ` (${blocked})` : ''}`]
  })
  return { oracle: DEADLOCK, message: waits.join('; ') }
}
