import { Loaded } from '../engine/learn/loaded.js'
import type { Cell } from '../engine/model/memory.js'
import type { Program } from '../engine/program.js'
import { bestFirst, FEWEST_PREEMPTIONS } from '../engine/search/best-first.js'
import { exhaustive } from '../engine/search/exhaustive.js'
import type { Found, Progress } from '../engine/search/result.js'
import { boot, type Conditions } from './boot.js'
import { type Condition, parseCondition } from './condition.js'
import type { Race } from './race.js'

/** The name under which a state that was asked for is found. */
const ASKED = 'asked for'

/** A run to a state that was asked for; or none, and whether that is certain. */
export type Where = { readonly found: Found } | { readonly found: undefined; readonly certain: boolean }

/** How long to look for the run that is easiest to read, before any run will do. */
const NEAR_SECONDS = 3

/**
 * Looks for a run to a state in which a condition holds (condition.ts says how it is written). No violation ends the
 * runs that are looked at. At most `seconds`, and a few more for the one that is easiest to read. Throws a UserError
 * for a bad condition.
 */
export function* runWhere(
  race: Race, conditions: Conditions, text: string, { seconds, signal }: { seconds: number; signal?: AbortSignal },
): Generator<Progress, Where> {
  const again = (): Program => asking(boot(race, conditions), text)
  const { memory } = again()
  if (parseCondition(text, memory)({ get: (cell: Cell) => memory.initial[cell]! })) return { found: arrived([]) }
  const limits = { ...(signal && { signal }), seconds }
  const near = yield* bestFirst(new Loaded(again()), FEWEST_PREEMPTIONS, { ...limits, oracle: ASKED, seconds: Math.min(seconds, NEAR_SECONDS) })
  if (near.verdict === 'violated') return { found: near.found[0] }
  if (near.verdict === 'holds') return { found: undefined, certain: true }
  const result = yield* exhaustive(new Loaded(again()), { ...limits, all: true })
  const far = result.verdict === 'violated' ? result.found.find(({ violation }) => violation.oracle === ASKED) : undefined
  return far ? { found: far } : { found: undefined, certain: result.verdict === 'holds' }
}

const arrived = (schedule: Found['schedule']): Found => ({ violation: { oracle: ASKED, message: '' }, schedule })

/** The program with this as its only violation. */
function asking(program: Program, text: string): Program {
  const holds: Condition = parseCondition(text, program.memory)
  return {
    ...program,
    monitor: (_, m) => (holds(m) ? { oracle: ASKED, message: text } : undefined),
  }
}
