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
