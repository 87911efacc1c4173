import type { Trace } from '../../trace/trace.js'
import type { NamedStep } from '../worker/requests.js'

/** The steps of a run by name. */
export const namedSteps = ({ lanes, steps }: Trace): NamedStep[] =>
  steps.map(({ lane, label, alternative }) => ({ lane: lanes[lane]!, step: label, ...(alternative > 0 && { alternative }) }))

/** The steps with `first` held back until `second` is done: all of its lane in between waits with it. */
export function swapped(trace: Trace, first: number, second: number): { fits: NamedStep[]; rest: NamedStep[] } {
  const named = namedSteps(trace)
  const lane = trace.steps[first]!.lane
  const between = named.slice(first, second + 1)
  const held = between.filter((_, i) => trace.steps[first + i]!.lane === lane)
  const others = between.filter((_, i) => trace.steps[first + i]!.lane !== lane)
  return { fits: named.slice(0, first), rest: [...others, ...held, ...named.slice(second + 1)] }
}

/**
 * The steps with one moved to another place: `fits` are those up to there, which must fit, `rest` is what follows.
 * `to` is counted in the run as it was; the step comes to stand there.
 */
export function moved(trace: Trace, from: number, to: number): { fits: NamedStep[]; rest: NamedStep[] } {
  const named = namedSteps(trace)
  const without = named.toSpliced(from, 1)
  const reordered = without.toSpliced(to, 0, named[from]!)
  const settled = Math.max(from, to) + 1
  return { fits: reordered.slice(0, settled), rest: reordered.slice(settled) }
}
