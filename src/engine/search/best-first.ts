import type { Loaded } from '../learn/loaded.js'
import { type Bounds, checkedBounds, Deadline } from './bounds.js'
import { deadlock } from './deadlock.js'
import { exhaustive } from './exhaustive.js'
import { LIVELOCK } from './cycles.js'
import { Frontier } from './frontier.js'
import { PathTree } from './path-tree.js'
import { readySteps } from './scout.js'
import type { Bound, Found, Progress, Result, Schedule } from './result.js'

export interface BestFirstOptions extends Bounds {
  readonly signal?: AbortSignal
  readonly fair?: boolean
  /** Look for a violation of this oracle only. */
  readonly oracle?: string
}

/** What makes one run better than another. */
export interface Measure {
  /** The cost of a step more. `preempts` when the thread that ran could have gone on. */
  step(switches: boolean, preempts: boolean): number
  /** Whether the cost of going on depends on the thread that ran last. */
  readonly byThread: boolean
}

/** Fewest steps: plain breadth-first search. */
export const FEWEST_STEPS: Measure = { step: () => 1, byThread: false }

const PREEMPTION = 1e8
const SWITCH = 1e4

/** Fewest preemptions, then fewest switches, then fewest steps: the run a person understands soonest. */
export const FEWEST_PREEMPTIONS: Measure = {
  step: (switches, preempts) => (preempts ? PREEMPTION : 0) + (switches ? SWITCH : 0) + 1,
  byThread: true,
}

/** Expanded states between two looks at the clock, and between two reports: learning may take a millisecond a state. */
const LOOK = 64
const SLICE = 4_096

/** All runs, the cheapest first; the first violation found is a cheapest one. No reduction: it would not keep that. */
export function* bestFirst(loaded: Loaded, measure: Measure, options: BestFirstOptions = {}): Generator<Progress, Result> {
  const bounds = checkedBounds(options)
  const deadline = new Deadline(bounds.seconds, options.signal)
  const search = new BestFirst(loaded, measure, options.oracle, bounds.depth)
  for (let expanded = 1; ; expanded++) {
    const found = loaded.guarded(() => search.expand())
    if (found === 'empty') break
    if (found) return { verdict: 'violated', found: [found], stats: search.stats() }
    const stopped = search.beyond(bounds) ?? (expanded % LOOK === 0 ? deadline.passed() : undefined)
    if (stopped && search.best) return { verdict: 'violated', found: [search.best.found], stats: search.stats() }
    if (stopped) return { verdict: 'not-found', how: 'bounded', stopped, stats: search.stats() }
    if (expanded % SLICE === 0) yield search.progress()
  }
  const stats = search.stats()
  if (search.truncated) return { verdict: 'not-found', how: 'bounded', stopped: { bound: 'depth', limit: bounds.depth }, stats }
  if (!loaded.footprints.cyclic || (options.oracle ?? LIVELOCK) !== LIVELOCK) return { verdict: 'holds', stats }
  // No run that ends violates anything; is there one that cannot end?
  const rest = yield* exhaustive(loaded, { ...options, depth: Infinity })
  return { ...rest, stats }
}

class BestFirst {
  private readonly frontier: Frontier
  private readonly tree = new PathTree()
  private readonly reached = new Set<number>()
  /** Something was left out because of the bound on depth. */
  truncated = false
  /** The cheapest violating step met; there may be a cheaper one as long as there are cheaper states to expand. */
  best: { found: Found; cost: number } | undefined
  private transitions = 0
  private depth = 0
  private ends = 0

  constructor(
    private readonly loaded: Loaded,
    private readonly measure: Measure,
    private readonly oracle: string | undefined,
    private readonly maxDepth: number,
  ) {
    loaded.treatAlike(false)
    loaded.core.visitedReset(0)
    this.frontier = new Frontier(loaded.words.length)
    this.frontier.push(loaded.words, this.tree.add(-1, { thread: 0, alternative: 0 }), 0)
  }

  /** Expands the cheapest state. Returns what it violates, if anything. */
  expand(): Found | 'empty' | undefined {
    const { loaded, measure, tree } = this
    const { core } = loaded
    if (this.best && this.best.cost <= this.frontier.cheapest) return this.best.found
    const state = this.frontier.shift()
    if (!state) return 'empty'
    const words = state.words.slice()
    loaded.jump(words)
    if (!core.visitNow()) return undefined
    const last = words[loaded.spareWord]! - 1
    const ready = readySteps(loaded)
    if (ready.length === 0) return this.atEnd(() => tree.path(state.node))
    if (tree.depth(state.node) >= this.maxDepth) {
      this.truncated = true
      return undefined
    }
    const couldGoOn = ready.some((r) => r.thread === last)
    for (const { thread, alternative, leaf } of ready) {
      this.transitions++
      const switches = last >= 0 && thread !== last
      const cost = state.cost + measure.step(switches, switches && couldGoOn)
      const found = this.violated(leaf, () => [...tree.path(state.node), { thread, alternative }])
      if (found && cost < (this.best?.cost ?? Infinity)) this.best = { found, cost }
      loaded.jump(words)
      core.advance(thread, leaf)
      if (measure.byThread) loaded.words[loaded.spareWord] = thread + 1
      this.frontier.push(loaded.words, tree.add(state.node, { thread, alternative }), cost)
    }
    return undefined
  }

  private atEnd(path: () => Schedule): Found | undefined {
    const { loaded } = this
    const schedule = path()
    this.depth = Math.max(this.depth, schedule.length)
    if (!loaded.core.atRest()) {
      const violation = deadlock(loaded)
      return this.wanted(violation.oracle) ? { violation, schedule } : undefined
    }
    this.ends++
    return loaded.finalLocal < 0 ? undefined : this.violated(loaded.core.leafOf(loaded.finalLocal, 0), path)
  }

  private violated(leaf: number, path: () => Schedule): Found | undefined {
    const { violation } = this.loaded.leaf(leaf)
    this.reached.add(leaf)
    return violation && this.wanted(violation.oracle) ? { violation, schedule: path() } : undefined
  }

  private wanted(oracle: string): boolean {
    return this.oracle === undefined || this.oracle === oracle
  }

  beyond(bounds: { states: number; depth: number; bytes: number }): Bound | undefined {
    if (this.loaded.core.states() >= bounds.states) return { bound: 'states', limit: bounds.states }
    if (this.progress().bytes >= bounds.bytes) return { bound: 'bytes', limit: bounds.bytes }
    return undefined
  }

  progress(): Progress {
    const { core } = this.loaded
    const bytes = this.loaded.bytes + this.frontier.bytes + this.tree.bytes
    return { depth: this.depth, states: core.states(), transitions: this.transitions, bytes, queue: this.frontier.length }
  }

  stats() {
    const reached = [...new Set([...this.reached].flatMap((leaf) => this.loaded.leaf(leaf).reached))]
    return { ...this.progress(), ends: this.ends, localStates: this.loaded.automaton.states.length, reached }
  }
}
