import { choose, type Steps } from '../../engine/model/step.js'
import type { Things } from '../things.js'

type Run = (things: Things) => Steps<unknown>

/** A lane that does one of these. Which one is its first step, so that what is learned of each serves every scene. */
export function* chosen(runs: readonly Run[], things: Things): Steps<unknown> {
  const which = yield* choose(runs.length)
  return yield* runs[which]!(things)
}
