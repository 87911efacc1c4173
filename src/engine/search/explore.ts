import type { Checkpoint } from '../checkpoint/checkpoint.js'
import type { CheckpointOptions } from '../checkpoint/saver.js'
import { UserError } from '../errors.js'
import { Loaded } from '../learn/loaded.js'
import type { Program } from '../program.js'
import { bestFirst, FEWEST_PREEMPTIONS, FEWEST_STEPS } from './best-first.js'
import type { Bounds } from './bounds.js'
import { exhaustive } from './exhaustive.js'
import type { Reductions } from './reductions.js'
import type { Progress, Result } from './result.js'
import { withLockOrder } from './lock-order.js'
import { pct, randomWalk } from './sampling.js'

export const STRATEGIES = ['exhaustive', 'shortest', 'fewest-preemptions', 'random', 'pct'] as const
export type Strategy = (typeof STRATEGIES)[number]

export interface ExploreOptions extends Bounds {
  /**
   * `exhaustive` (default): depth first, the quickest proof. `shortest`: breadth first, a violation in the fewest
   * steps. `fewest-preemptions`: the violation a person understands soonest. `random`, `pct`: samples.
   */
  readonly strategy?: Strategy
  /** `exhaustive` only: leave out what makes no difference. Default true; an object switches single reductions off. */
  readonly reduce?: boolean | Partial<Reductions>
  /** `exhaustive` only: compare states in full, not only their fingerprints. Leaves out sleep sets. */
  readonly exact?: boolean
  /** `exhaustive` only: go on after the first violation. */
  readonly all?: boolean
  /** `exhaustive` only: estimate on the way, and when the search stops early, which share of all states it has visited. */
  readonly estimate?: boolean
  /** `exhaustive` only: hand over checkpoints on the way, and when a bound or the signal stops the search. */
  readonly checkpoint?: CheckpointOptions
  /** `exhaustive` only: go on from a checkpoint of the same program and options; bounds other than depth may differ. */
  readonly resume?: Checkpoint
  /** `random` and `pct` only. */
  readonly seed?: number
  /** `random` and `pct` only; default 1000. */
  readonly runs?: number
  /** `pct` only: priority changes per run; default 2. */
  readonly changes?: number
  readonly signal?: AbortSignal
}

const ONLY_FOR: Partial<Record<keyof ExploreOptions, readonly Strategy[]>> = {
  states: ['exhaustive', 'shortest', 'fewest-preemptions'], reduce: ['exhaustive'], all: ['exhaustive'], exact: ['exhaustive'], checkpoint: ['exhaustive'], estimate: ['exhaustive'], resume: ['exhaustive'],
  seed: ['random', 'pct'], runs: ['random', 'pct'], changes: ['pct'],
}

/** Searches a program, step by step: yields progress, returns the result. Runs on for as long as it is asked to. */
export function* search(loaded: Loaded, options: ExploreOptions = {}): Generator<Progress, Result> {
  return withLockOrder(loaded.program, yield* searchRuns(loaded, options), loaded.locks.dependencies)
}

function searchRuns(loaded: Loaded, options: ExploreOptions): Generator<Progress, Result> {
  const strategy = options.strategy ?? 'exhaustive'
  for (const [name, strategies] of Object.entries(ONLY_FOR)) {
    if (options[name as keyof ExploreOptions] !== undefined && !strategies.includes(strategy)) {
      throw new UserError('option-not-for-strategy', `${name} means nothing to strategy ${strategy}`, `use it with ${strategies.join(' or ')}`)
    }
  }
  switch (strategy) {
    case 'exhaustive':
      return exhaustive(loaded, options)
    case 'shortest':
      return bestFirst(loaded, FEWEST_STEPS, options)
    case 'fewest-preemptions':
      return bestFirst(loaded, FEWEST_PREEMPTIONS, options)
    case 'random':
      return randomWalk(loaded, options)
    case 'pct':
      return pct(loaded, options)
    default:
      throw new UserError('unknown-strategy', `there is no strategy "${String(strategy)}"`, `use one of ${STRATEGIES.join(', ')}`)
  }
}

/**
 * Searches a program and reports progress on the way. The result is what the generator returns.
 * Leaves the event loop free between slices of work.
 */
export async function* explore(program: Program, options: ExploreOptions = {}): AsyncGenerator<Progress, Result> {
  const steps = search(new Loaded(program), options)
  for (;;) {
    const turn = steps.next()
    if (turn.done) return turn.value
    yield turn.value
    await new Promise((resolve) => setTimeout(resolve))
  }
}

/** Searches a program and returns the result. */
export function check(program: Program, options: ExploreOptions = {}): Result {
  const steps = search(new Loaded(program), options)
  for (;;) {
    const turn = steps.next()
    if (turn.done) return turn.value
  }
}
