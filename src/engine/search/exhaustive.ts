import { Event } from '../core/core.js'
import { InternalError } from '../errors.js'
import type { Loaded } from '../learn/loaded.js'
import { type Bounds, checkedBounds, Deadline } from './bounds.js'
import { deadlock } from './deadlock.js'
import { livelock } from './livelock.js'
import { path } from './path.js'
import { omission } from './omission.js'
import { type Reductions, reductionsFor } from './reductions.js'
import type { Bound, Found, Progress, Result, Stats } from './result.js'
import { scout } from './scout.js'

export interface ExhaustiveOptions extends Bounds {
  /** Leave out what makes no difference. Default true: all reductions; an object switches single ones off. */
  readonly reduce?: boolean | Partial<Reductions>
  /** Go on after the first violation, until everything has been searched. Default false. */
  readonly all?: boolean
  /** Keep states in full and compare them where fingerprints agree: no chance of error, more memory. No sleep sets. */
  readonly exact?: boolean
  readonly signal?: AbortSignal
}

const SLICE = 500_000

/** Depth-first over all interleavings. */
export function* exhaustive(loaded: Loaded, options: ExhaustiveOptions = {}): Generator<Progress, Result> {
  const bounds = checkedBounds(options)
  const deadline = new Deadline(bounds.seconds, options.signal)
  const exact = options.exact ?? false
  const wanted = reductionsFor(loaded, options.reduce)
  const reductions = { ...wanted, sleep: wanted.sleep && !exact }
  const { footprints } = loaded
  const all = options.all ?? false
  loaded.treatAlike(reductions.symmetry)
  if (reductions.persistent) scout(loaded)
  for (;;) {
    footprints.stale = false
    const { found, stopped, collision } = yield* pass(loaded, { ...withoutSleepInCycles(loaded, reductions), exact }, all, bounds, deadline)
    if (collision) return { verdict: 'inconclusive', why: 'two states have the same fingerprint', stats: statsOf(loaded, exact) }
    // A violation is real whatever was left out; only "nothing found" needs a pass that left out nothing wrongly.
    const again = reductions.persistent && !stopped && (found.length === 0 || all) && (footprints.markCycles() || footprints.stale)
    if (again) continue
    const stats = statsOf(loaded, exact)
    if (!stopped && (found.length === 0 || all) && footprints.cyclic) {
      const endless = yield* livelock(loaded, reductions, bounds, deadline)
      if (endless && 'bound' in endless && found.length === 0) {
        return { verdict: 'not-found', how: 'bounded', stopped: endless, stats }
      }
      if (endless && 'schedule' in endless) found.push(endless)
    }
    if (found.length > 0) return { verdict: 'violated', found: found as [Found, ...Found[]], stats }
    return stopped ? { verdict: 'not-found', how: 'bounded', stopped, stats } : { verdict: 'holds', stats }
  }
}

/** Sleep sets beside persistent sets rest on every run coming to an end. */
function withoutSleepInCycles({ footprints }: Loaded, reductions: Reductions): Reductions {
  return { ...reductions, sleep: reductions.sleep && !(reductions.persistent && footprints.cyclic) }
}

type Checked = ReturnType<typeof checkedBounds>

/** One search from the start. With reduction it ends early once it knows that it has to be repeated. */
function* pass(
  loaded: Loaded, { persistent, sleep, symmetry, exact }: Reductions & { exact: boolean }, all: boolean, bounds: Checked, deadline: Deadline,
): Generator<Progress, { found: Found[]; stopped?: Bound; collision?: true }> {
  const { core } = loaded
  const found: Found[] = []
  loaded.restart()
  core.visitedReset(exact ? 32 : sleep ? loaded.program.threads.length : 0)
  const [depth, states] = [Math.min(bounds.depth, 2 ** 30), Math.min(bounds.states, 2 ** 50)]
  core.searchReset(persistent, sleep, symmetry, exact, depth, states, bounds.bytes, loaded.finalLocal)
  loaded.guarded(() => core.begin())
  for (;;) {
    const event = loaded.guarded(() => core.search(SLICE))
    switch (event) {
      case Event.done:
        return { found, ...(core.truncated.value !== 0 && { stopped: { bound: 'depth', limit: bounds.depth } }) }
      case Event.violation:
      case Event.finalViolation: {
        const { schedule } = path(loaded, event === Event.violation)
        found.push({ violation: loaded.leaf(core.eventLeaf.value).violation!, schedule })
        break
      }
      case Event.deadlock: {
        const { schedule, order } = path(loaded, false)
        found.push({ violation: deadlock(loaded, order), schedule })
        break
      }
      case Event.states:
        return { found, stopped: { bound: 'states', limit: bounds.states } }
      case Event.memory:
        return { found, stopped: { bound: 'bytes', limit: bounds.bytes } }
      case Event.collision:
        return { found, collision: true }
      case Event.budget: {
        const stopped = deadline.passed()
        if (stopped) return { found, stopped }
        if (persistent && loaded.footprints.stale) return { found }
        yield progressOf(loaded)
        break
      }
      default:
        throw new InternalError(`the core returned event ${event}`)
    }
    if (found.length > 0 && !all) return { found }
  }
}

function statsOf(loaded: Loaded, exact: boolean): Stats {
  const { core } = loaded
  return {
    ...progressOf(loaded),
    omission: exact ? 0 : omission(core.states(), core.steps()),
    depth: core.maxDepth.value,
    ends: core.finalCount(),
    localStates: loaded.automaton.states.length,
    reached: loaded.reached.filter((_, bit) => (core.marks.value >>> bit) & 1),
  }
}

const progressOf = (loaded: Loaded): Progress => ({
  depth: loaded.core.depth.value,
  states: loaded.core.states(),
  transitions: loaded.core.steps(),
  bytes: loaded.bytes,
})
