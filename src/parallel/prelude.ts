import { Loaded } from '../engine/learn/loaded.js'
import { exhaustive, type ExhaustiveOptions } from '../engine/search/exhaustive.js'
import type { Result } from '../engine/search/result.js'
import type { Program } from '../engine/program.js'

export const PRELUDE_STATES = 20_000

/**
 * The same short search in every worker and in the main thread. Small programs are done with it. For others it gives
 * handles their numbers, which have to be the same everywhere, and teaches most of what the threads touch.
 */
export function prelude(program: Program, reduce: ExhaustiveOptions['reduce']): { loaded: Loaded; result: Result } {
  const loaded = new Loaded(program)
  const search = exhaustive(loaded, { states: PRELUDE_STATES, all: true, ...(reduce !== undefined && { reduce }) })
  for (;;) {
    const turn = search.next()
    if (turn.done) return { loaded, result: turn.value }
  }
}
