import type { Loaded } from '../learn/loaded.js'
import { type Bounds, checkedBounds, Deadline } from './bounds.js'
import { deadlock } from './deadlock.js'
import { Random } from './random.js'
import type { Choice, Found, Progress, Result } from './result.js'
import { readySteps } from './scout.js'

export interface SamplingOptions extends Bounds {
  /** How many runs; default 1000. */
  readonly runs?: number
  /** Default 1. The same seed gives the same runs. */
  readonly seed?: number
  readonly signal?: AbortSignal
}

type Ready = ReturnType<typeof readySteps>

/** Picks the next step of one run. */
interface Scheduler {
  pick(ready: Ready, step: number): Ready[number]
}

const DEFAULT_RUNS = 1000
const DEFAULT_DEPTH = 10_000
const SLICE = 200
/** Steps of a run between two looks at the clock. */
const LOOK = 64

/** At each step any of the possible ones, with equal chances. */
export const randomWalk = (loaded: Loaded, options: SamplingOptions = {}): Generator<Progress, Result> =>
  sample(loaded, options, (random) => ({ pick: (ready) => ready[random.below(ready.length)]! }))

/**
 * Probabilistic concurrency testing: random priorities, lowered at `changes` random steps. A bug of depth d = changes+1
 * among n threads and k steps is met by one run with probability at least 1/(n·k^(d-1)).
 * (Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized scheduler with probabilistic guarantees of finding bugs,
 * ASPLOS 2010.) The number of steps is not known beforehand; it is taken from the longest run so far.
 */
export const pct = (loaded: Loaded, options: SamplingOptions & { changes?: number } = {}): Generator<Progress, Result> => {
  const changes = options.changes ?? 2
  return sample(loaded, options, (random, longest) => new PriorityScheduler(random, loaded.program.threads.length, changes, longest))
}

class PriorityScheduler implements Scheduler {
  private readonly priorities: number[]
  private readonly changeAt: number[]
  private lowest = 0

  constructor(private readonly random: Random, threads: number, changes: number, steps: number) {
    this.priorities = Array.from({ length: threads }, () => 1 + random.below(1_000_000))
    this.changeAt = Array.from({ length: changes }, () => random.below(Math.max(steps, 1)))
  }

  pick(ready: Ready, step: number): Ready[number] {
    const best = (): number => Math.max(...ready.map((r) => this.priorities[r.thread]!))
    if (this.changeAt.includes(step)) this.priorities[this.priorities.indexOf(best())] = --this.lowest
    const top = ready.filter((r) => this.priorities[r.thread] === best())
    return top[this.random.below(top.length)]!
  }
}

function* sample(
  loaded: Loaded, options: SamplingOptions, scheduler: (random: Random, longest: number) => Scheduler,
): Generator<Progress, Result> {
  const bounds = checkedBounds({ depth: DEFAULT_DEPTH, ...options })
  const runs = options.runs ?? DEFAULT_RUNS
  const deadline = new Deadline(bounds.seconds, options.signal)
  const random = new Random(options.seed ?? 1)
  const sampler = new Sampler(loaded, bounds.depth, deadline)
  for (let run = 1; run <= runs; run++) {
    const found = loaded.guarded(() => sampler.run(scheduler(random, sampler.longest)))
    if (found) return { verdict: 'violated', found: [found], stats: sampler.stats(run) }
    const late = deadline.passed()
    if (run % SLICE !== 0 && !late) continue
    const stopped = loaded.bytes > bounds.bytes ? { bound: 'bytes' as const, limit: bounds.bytes } : late
    if (stopped) return { verdict: 'not-found', how: 'sampled', stopped, stats: sampler.stats(run) }
    yield sampler.stats(run)
  }
  return { verdict: 'not-found', how: 'sampled', stopped: { bound: 'runs', limit: runs }, stats: sampler.stats(runs) }
}

class Sampler {
  longest = 0
  private transitions = 0
  private ends = 0
  private readonly reached = new Set<string>()

  constructor(private readonly loaded: Loaded, private readonly maxDepth: number, private readonly deadline: Deadline) {}

  run(scheduler: Scheduler): Found | undefined {
    const { loaded } = this
    const { core } = loaded
    const schedule: Choice[] = []
    loaded.restart()
    for (let step = 0; ; step++) {
      const ready = readySteps(loaded)
      if (ready.length === 0) return this.atEnd(schedule)
      if (step >= this.maxDepth || (step % LOOK === LOOK - 1 && this.deadline.passed())) return undefined
      const { thread, alternative, leaf } = scheduler.pick(ready, step)
      schedule.push({ thread, alternative })
      this.transitions++
      this.longest = Math.max(this.longest, schedule.length)
      const info = loaded.leaf(leaf)
      for (const name of info.reached) this.reached.add(name)
      if (info.violation) return { violation: info.violation, schedule }
      core.advance(thread, leaf)
    }
  }

  private atEnd(schedule: Choice[]): Found | undefined {
    const { core, finalLocal } = this.loaded
    if (!core.atRest()) return { violation: deadlock(this.loaded), schedule }
    this.ends++
    if (finalLocal < 0) return undefined
    const { violation, reached } = this.loaded.leaf(core.leafOf(finalLocal, 0))
    for (const name of reached) this.reached.add(name)
    return violation && { violation, schedule }
  }

  stats(runs: number) {
    return {
      states: 0, transitions: this.transitions, depth: this.longest, ends: this.ends, bytes: this.loaded.bytes,
      localStates: this.loaded.automaton.states.length, reached: [...this.reached], runs,
    }
  }
}
