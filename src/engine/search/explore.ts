import { Loaded } from '../learn/loaded.js'
import type { Program } from '../program.js'
import { bestFirst, FEWEST_PREEMPTIONS, FEWEST_STEPS } from './best-first.js'
import { checkOptions, type ExploreOptions } from './options.js'
import { exhaustive } from './exhaustive.js'
import type { Progress, Result } from './result.js'
import { withLockOrder } from './lock-order.js'
import { pct, randomWalk } from './sampling.js'

export type { ExploreOptions } from './options.js'
export { STRATEGIES, type Strategy } from './strategies.js'

/** Searches a program, step by step: yields progress, returns the result. Runs on for as long as it is asked to. */
export function* search(loaded: Loaded, options: ExploreOptions = {}): Generator<Progress, Result> {
  checkOptions(options)
  const result = yield* searchRuns(loaded, options)
  loaded.automaton.identities.unchanged()
  return withLockOrder(loaded.program, withCalls(loaded, result), loaded.locks.dependencies)
}

const withCalls = ({ program: { cameBy }, automaton: { called } }: Loaded, result: Result): Result =>
  (cameBy ? { ...result, stats: { ...result.stats, cameBy: cameBy(called) } } : result)

function searchRuns(loaded: Loaded, options: ExploreOptions): Generator<Progress, Result> {
  const strategy = options.strategy ?? 'exhaustive'
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
