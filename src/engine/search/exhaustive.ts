import type { Checkpoint, Plan } from '../checkpoint/checkpoint.js'
import { relearn, restore } from '../checkpoint/restore.js'
import { type CheckpointOptions, Saver } from '../checkpoint/saver.js'
import { Event } from '../core/core.js'
import { InternalError } from '../errors.js'
import type { Loaded } from '../learn/loaded.js'
import { type Bounds, checkedBounds, Deadline } from './bounds.js'
import { cycles, endlessRun } from './cycles.js'
import { deadlock } from './deadlock.js'
import { Estimates } from './estimate.js'
import { Pace } from './pace.js'
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
  /** Estimate on the way, and when the search stops early, which share of all states it has visited. */
  readonly estimate?: boolean
  /** Hands over checkpoints on the way, and when a bound or the signal stops the search. */
  readonly checkpoint?: CheckpointOptions
  /** Go on from a checkpoint of the same program and options; bounds other than depth may differ. */
  readonly resume?: Checkpoint
  /** A cycle round which threads go under a fair scheduler too is a violation, not a note. Default false. */
  readonly fair?: boolean
  readonly signal?: AbortSignal
}

const WALKS_AT_THE_END = 200
/** Of a bound on time, for the estimate after it. */
const SHARE_OF_TIME = 0.05

/** Depth-first over all interleavings. */
export function* exhaustive(loaded: Loaded, options: ExhaustiveOptions = {}): Generator<Progress, Result> {
  const bounds = checkedBounds(options)
  const deadline = new Deadline(bounds.seconds, options.signal)
  const exact = options.exact ?? false
  const wanted = reductionsFor(loaded, options.reduce)
  const plan: Plan = {
    ...wanted, sleep: wanted.sleep && !exact, exact, all: options.all ?? false, depth: bounds.depth === Infinity ? 0 : bounds.depth,
  }
  const { core, footprints } = loaded
  const saver = new Saver(loaded, plan, options.checkpoint)
  // Where runs are cut there is no telling what lies beyond.
  const estimates = options.estimate && !plan.depth ? new Estimates(loaded, plan.persistent) : undefined
  loaded.treatAlike(plan.symmetry)
  let from = options.resume
  if (from) relearn(loaded, plan, from)
  else if (plan.persistent) scout(loaded, deadline)
  // Without a trap, no step can be put off for ever (docs/engine.md, Cycles). Where there is one, more has to be looked at, and
  // where a thread need not end there may always be.
  const { threads } = loaded.program
  let stickyCounts = from?.header.stickyCounts ?? threads.some(({ endless }) => endless)
  if (!from && stickyCounts) footprints.markCycles()
  for (;; from = undefined) {
    core.setStickyCounts(stickyCounts)
    const done = from && !from.header.pass && from.header
    const { found, stopped, collision } = done ? { ...done, found: [...done.found] } : yield* pass(loaded, { ...plan, stickyCounts }, bounds, deadline, saver, estimates, from)
    if (collision) return { verdict: 'inconclusive', why: 'two states have the same fingerprint', stats: statsOf(loaded, exact) }
    // A violation is real whatever was left out; only "nothing found" needs a pass that left out nothing wrongly.
    const complete = !stopped && (found.length === 0 || plan.all)
    if (complete && plan.persistent && (footprints.stale || (stickyCounts && footprints.markCycles()))) continue
    const stats = done ? done.stats : statsOf(loaded, exact)
    let fair: Found | undefined
    if (complete && footprints.cyclic && threads.some(({ endless }) => !endless)) {
      footprints.stale = false
      core.setStickyCounts(true)
      const seen = yield* saver.whileIn(cycles(loaded, plan.persistent, plan.sleep, bounds, deadline), { found, stats, stickyCounts })
      if (seen.stopped && found.length === 0 && !(options.fair && seen.fair)) return { verdict: 'not-found', how: 'bounded', stopped: seen.stopped, stats }
      const run = seen.trap && loaded.guarded(() => endlessRun(loaded, seen.trap!))
      loaded.treatAlike(plan.symmetry)
      if (footprints.markCycles() || (plan.persistent && footprints.stale)) continue
      if (seen.trap) {
        if (plan.persistent && !stickyCounts) {
          stickyCounts = true
          continue
        }
        if (!run) throw new InternalError('a state without a way out has one')
        found.push(run)
      }
      fair = seen.fair
      if (fair && options.fair) found.push(fair)
    }
    const note = fair && !options.fair && { fair }
    if (found.length > 0) return { verdict: 'violated', found: found as [Found, ...Found[]], stats, ...note }
    return stopped ? { verdict: 'not-found', how: 'bounded', stopped, stats: { ...stats, ...estimates?.now(WALKS_AT_THE_END, stopped.bound === 'seconds' ? SHARE_OF_TIME * bounds.seconds : Infinity) } } : { verdict: 'holds', stats, ...note }
  }
}

type Checked = ReturnType<typeof checkedBounds>

/** One search, from the start or `from` a checkpoint. With reduction it ends early once it knows that it has to be repeated. */
function* pass(
  loaded: Loaded, plan: Plan & { stickyCounts: boolean }, bounds: Checked, deadline: Deadline, saver: Saver, estimates: Estimates | undefined,
  from: Checkpoint | undefined,
): Generator<Progress, { found: Found[]; stopped?: Bound; collision?: true }> {
  const { core, footprints } = loaded
  const { persistent, exact, all, stickyCounts } = plan
  // Sleep sets rest on runs that can come to an end.
  const sleep = plan.sleep && !stickyCounts
  const found: Found[] = from ? [...from.header.found] : []
  const [depth, states] = [Math.min(bounds.depth, 2 ** 30), Math.min(bounds.states, 2 ** 50)]
  core.visitedReset(exact ? 32 : sleep ? loaded.program.threads.length : 0)
  core.searchReset(persistent, sleep, plan.symmetry, exact, depth, states, bounds.bytes, loaded.finalLocal)
  if (from) restore(loaded, from)
  else {
    footprints.stale = false
    loaded.restart()
    loaded.guarded(() => core.begin())
  }
  const save = (): void => saver.save({ found, stats: statsOf(loaded, exact), stickyCounts })
  const pace = new Pace()
  for (;;) {
    const event = loaded.guarded(() => core.search(pace.steps))
    pace.taken()
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
        save()
        return { found, stopped: { bound: 'states', limit: bounds.states } }
      case Event.memory:
        save()
        return { found, stopped: { bound: 'bytes', limit: bounds.bytes } }
      case Event.collision:
        return { found, collision: true }
      case Event.budget: {
        // Wherever the clock stands: a search in pieces learns the same.
        if (persistent && footprints.stale && core.steps() >= core.endsAt()) return { found }
        const stopped = deadline.passed()
        if (stopped) save()
        if (stopped) return { found, stopped }
        if (saver.due) save()
        yield { ...progressOf(loaded), ...estimates?.now() }
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
