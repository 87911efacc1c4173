import { Event } from '../core/core.js'
import { InternalError } from '../errors.js'
import type { Loaded } from '../learn/loaded.js'
import { type Bounds, checkedBounds, Deadline } from './bounds.js'
import { deadlock } from './deadlock.js'
import { livelock } from './livelock.js'
import type { Bound, Choice, Found, Progress, Result, Stats } from './result.js'
import { scout } from './scout.js'

export interface ExhaustiveOptions extends Bounds {
  /** Leave out interleavings that differ only in the order of steps that do not touch the same cells. Default true. */
  readonly reduce?: boolean
  /** Go on after the first violation, until everything has been searched. Default false. */
  readonly all?: boolean
  readonly signal?: AbortSignal
}

const SLICE = 500_000

/** Depth-first over all interleavings. */
export function* exhaustive(loaded: Loaded, options: ExhaustiveOptions = {}): Generator<Progress, Result> {
  const bounds = checkedBounds(options)
  const deadline = new Deadline(bounds.seconds, options.signal)
  const reduce = options.reduce ?? true
  if (reduce) scout(loaded)
  for (;;) {
    const { footprints } = loaded
    footprints.markCycles()
    footprints.stale = false
    const { found, stopped } = yield* pass(loaded, reduce, options.all ?? false, bounds, deadline)
    // A violation is real whatever was left out; only "nothing found" needs a pass that left out nothing wrongly.
    const again = reduce && !stopped && (found.length === 0 || options.all) && (footprints.markCycles() || footprints.stale)
    if (again) continue
    const stats = statsOf(loaded)
    if (found.length > 0) return { verdict: 'violated', found: found as [Found, ...Found[]], stats }
    if (stopped) return { verdict: 'not-found', how: 'bounded', stopped, stats }
    if (!footprints.cyclic) return { verdict: 'holds', stats }
    const endless = yield* livelock(loaded, bounds, deadline)
    if (endless === undefined) return { verdict: 'holds', stats }
    if ('bound' in endless) return { verdict: 'not-found', how: 'bounded', stopped: endless, stats }
    return { verdict: 'violated', found: [endless], stats }
  }
}

type Checked = ReturnType<typeof checkedBounds>

/** One search from the start. With reduction it ends early once it knows that it has to be repeated. */
function* pass(
  loaded: Loaded, reduce: boolean, all: boolean, bounds: Checked, deadline: Deadline,
): Generator<Progress, { found: Found[]; stopped?: Bound }> {
  const { core } = loaded
  const found: Found[] = []
  loaded.restart()
  core.visitedReset(reduce)
  core.searchReset(reduce, reduce, Math.min(bounds.depth, 2 ** 30), Math.min(bounds.states, 2 ** 50), bounds.bytes, loaded.finalLocal)
  loaded.guarded(() => core.begin())
  for (;;) {
    const event = loaded.guarded(() => core.search(SLICE))
    switch (event) {
      case Event.done:
        return { found, ...(core.truncated.value !== 0 && { stopped: { bound: 'depth', limit: bounds.depth } }) }
      case Event.violation:
      case Event.finalViolation:
        found.push({ violation: loaded.leaf(core.eventLeaf.value).violation!, schedule: schedule(loaded, event === Event.violation) })
        break
      case Event.deadlock:
        found.push({ violation: deadlock(loaded), schedule: schedule(loaded, false) })
        break
      case Event.states:
        return { found, stopped: { bound: 'states', limit: bounds.states } }
      case Event.memory:
        return { found, stopped: { bound: 'bytes', limit: bounds.bytes } }
      case Event.budget: {
        const stopped = deadline.passed()
        if (stopped) return { found, stopped }
        if (reduce && loaded.footprints.stale) return { found }
        yield progressOf(loaded)
        break
      }
      default:
        throw new InternalError(`the core returned event ${event}`)
    }
    if (found.length > 0 && !all) return { found }
  }
}

/** The way from the start to the event the core stopped at. */
function schedule({ core }: Loaded, withStep: boolean): Choice[] {
  const choices: Choice[] = []
  const depth = core.depth.value
  for (let d = 0; d < depth; d++) choices.push({ thread: core.frameThread(d), alternative: core.frameAlternative(d) })
  if (withStep) choices.push({ thread: core.frameThread(depth), alternative: core.eventAlternative.value })
  return choices
}

function statsOf(loaded: Loaded): Stats {
  const { core } = loaded
  return {
    ...progressOf(loaded),
    depth: core.maxDepth.value,
    ends: core.finalCount(),
    localStates: loaded.automaton.states.length,
    reached: loaded.reached.filter((_, bit) => (core.marks.value >>> bit) & 1),
  }
}

export const progressOf = ({ core }: Loaded): Progress => ({
  depth: core.depth.value,
  states: core.states(),
  transitions: core.steps(),
  bytes: core.heapTop(),
})
