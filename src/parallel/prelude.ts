import { Loaded } from '../engine/learn/loaded.js'
import { exhaustive, type ExhaustiveOptions } from '../engine/search/exhaustive.js'
import type { Result } from '../engine/search/result.js'
import type { Program } from '../engine/program.js'

/** In a worker. */
const STATES = 20_000
/** In the main thread: programs of so few states are done before workers have started. */
export const FEW_STATES = 5_000

/**
 * The same short search in every worker. It gives handles their numbers, which have to be the same everywhere, and teaches
 * most of what the threads touch.
 */
export const prelude = (program: Program, reduce: ExhaustiveOptions['reduce']): Loaded => begun(program, STATES, reduce).loaded

/** A first look at a program, which is all of it when it is small. */
export const firstLook = (program: Program, reduce: ExhaustiveOptions['reduce']): { loaded: Loaded; result: Result } => begun(program, FEW_STATES, reduce)

function begun(program: Program, states: number, reduce: ExhaustiveOptions['reduce']): { loaded: Loaded; result: Result } {
  const loaded = new Loaded(program)
  const search = exhaustive(loaded, { states, all: true, ...(reduce !== undefined && { reduce }) })
  for (;;) {
    const turn = search.next()
    if (turn.done) return { loaded, result: turn.value }
  }
}
