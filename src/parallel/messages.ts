import type { SeenOrders } from '../engine/locks/lock-book.js'
import type { Knowledge } from '../engine/learn/footprints.js'
import type { Reductions } from '../engine/search/reductions.js'
import type { Told } from '../engine/learn/loaded.js'
import type { Found } from '../engine/search/result.js'
import type { Placed } from '../engine/search/path.js'

/** How a worker makes the program anew: an exported function of a module, and what to call it with. */
export interface ProgramSource {
  /** URL of the module. */
  readonly module: string
  readonly name: string
  /** Passed to workers as copies: plain data only. */
  readonly args: readonly unknown[]
  /** URL of a module to import first, e.g. one that lets Node load the program's. */
  readonly first?: string
}

/** What a worker is started with. */
export interface Start {
  readonly source: ProgramSource
  readonly memory: WebAssembly.Memory
  readonly control: SharedArrayBuffer
  readonly index: number
  readonly reductions: Reductions
  readonly depth: number
  readonly bytes: number
}

/** A part of the search that one worker gives to another. */
export interface Job {
  /** The steps that lead to its first state. */
  readonly before: readonly Placed[]
  /** The threads that may be taken there, and those that need not be taken; undefined: all of the search. */
  readonly threads?: { readonly only: number; readonly sleep: number }
}

/** What one worker did in one pass. */
export interface Report {
  readonly states: number
  readonly transitions: number
  readonly ends: number
  readonly depth: number
  readonly truncated: boolean
  readonly localStates: number
  /** Of the memory of all workers. */
  readonly bytes: number
  readonly reached: readonly string[]
  readonly cameBy?: readonly string[]
  readonly knowledge: Knowledge
  readonly orders: SeenOrders
  /** What the worker has learned, when asked for. */
  readonly told?: Told
}

export type ToWorker =
  /**
   * Begin a pass. `join`: where the set of visited states is; without it the worker makes a new one. `resumed`: the states
   * in it are from an earlier search, which knew what `rows` says. `states`: that all may still visit together.
   */
  | { readonly type: 'pass'; readonly rows: Knowledge['rows']; readonly join?: number; readonly resumed: boolean; readonly states: number }
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'report'; readonly tell: boolean }

export type FromWorker =
  | { readonly type: 'loaded' }
  | { readonly type: 'ready'; readonly visitedAt: number }
  | { readonly type: 'idle' }
  | { readonly type: 'job'; readonly job: Job }
  /** What the worker had still to do when it was told to stop. */
  | { readonly type: 'left'; readonly jobs: readonly Job[] }
  | { readonly type: 'found'; readonly found: Found }
  | { readonly type: 'bytes' }
  /** Something was learned that a decision may have relied on. */
  | { readonly type: 'stale' }
  /** A handle was met whose number may differ between workers. */
  | { readonly type: 'late-identity' }
  | { readonly type: 'report'; readonly report: Report }
