import type { LockCycle } from '../locks/cycles.js'
import type { Violation } from '../violation.js'

/** One step of a schedule: which thread, and which alternative of its step. */
export interface Choice {
  readonly thread: number
  readonly alternative: number
}

export type Schedule = readonly Choice[]

/** What a search did. */
export interface Stats {
  /** Distinct states visited (0 for sampling). */
  readonly states: number
  readonly transitions: number
  /** Steps of the longest run looked at. */
  readonly depth: number
  /** Ways in which a run ended with all threads done. */
  readonly ends: number
  /** Bytes of the core's memory. */
  readonly bytes: number
  /** Local states learned, over all threads. */
  readonly localStates: number
  /** Names passed to `reach()` on the way. */
  readonly reached: readonly string[]
  /** What the program says of the functions that were called. */
  readonly cameBy?: readonly string[]
  /** The probability that a state was left out because of its fingerprint; exhaustive search only. 0 with `exact`. */
  readonly omission?: number
  /** Roughly which share of all states was visited, when an exhaustive search stopped early and it can be told. */
  readonly share?: number
  /** Runs tried, when sampling. */
  readonly runs?: number
  /** Workers that searched, when more than one. */
  readonly workers?: number
}

export interface Found {
  readonly violation: Violation
  readonly schedule: Schedule
  /** For a run without end: how many of the schedule's last steps repeat for ever. */
  readonly loop?: number
  /** For an order of locks that could deadlock: the cycles. The schedule is empty: they are put together from many runs. */
  readonly cycles?: readonly LockCycle[]
}

/** How a search stopped short of everything. */
export interface Bound {
  readonly bound: 'states' | 'depth' | 'seconds' | 'bytes' | 'interrupted' | 'runs'
  /** The limit, in the bound's unit. */
  readonly limit: number
}

/**
 * `fair`: a run without end that a fair scheduler can follow too, as a note; with the option `fair` it is a violation.
 */
export type Result =
  /** An oracle is violated. `found` has one run for each oracle met, in the order found. */
  | { readonly verdict: 'violated'; readonly found: readonly [Found, ...Found[]]; readonly stats: Stats; readonly fair?: Found }
  /** Nothing is violated in any interleaving. */
  | { readonly verdict: 'holds'; readonly stats: Stats; readonly fair?: Found }
  /** Nothing was found, but not everything was looked at. */
  | { readonly verdict: 'not-found'; readonly how: 'bounded' | 'sampled'; readonly stopped: Bound; readonly stats: Stats }
  /** The search can say nothing. */
  | { readonly verdict: 'inconclusive'; readonly why: string; readonly stats: Stats }

/** How far a search is. */
export interface Progress {
  readonly depth: number
  readonly states: number
  readonly transitions: number
  readonly bytes: number
  /** States still to expand, where the strategy has a queue. */
  readonly queue?: number
  /** Roughly which share of all states has been visited, where it can be told. */
  readonly share?: number
}
