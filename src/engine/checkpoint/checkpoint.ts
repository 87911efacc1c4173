import type { Footprints } from '../learn/footprints.js'
import type { Reductions } from '../search/reductions.js'
import type { Found, Stats } from '../search/result.js'

/** What has to be the same when a search goes on from a checkpoint. */
export interface Plan extends Reductions {
  readonly exact: boolean
  readonly all: boolean
  /** 0: no bound. */
  readonly depth: number
}

/** An exhaustive search as it stood. */
export interface CheckpointHeader {
  /** The engine that searched: another one may number or order things differently. */
  readonly engine: string
  /** The layout of memory, and the threads. */
  readonly program: string
  readonly plan: Plan
  /** All that was learned. */
  readonly learned: string
  readonly cycles: Footprints['marked']
  readonly stale: boolean
  /** Whether sets with sticky members were left out: a trap had been found. */
  readonly stickyCounts: boolean
  readonly found: readonly Found[]
  readonly stats: Stats
  /** The pass that was going on; undefined when all states had been searched and only livelocks were looked for. */
  readonly pass?: {
    readonly truncated: boolean
    readonly marks: number
    readonly seen: number
    /** Of a pass that will have to be repeated: after how many steps it ends; negative for others. */
    readonly endsAt: number
  }
}

/** What an exhaustive search needs to go on later, where it is loaded anew. Plain data, but for how `visited` is handed over. */
export interface Checkpoint {
  readonly header: CheckpointHeader
  /** What was learned, in order: see `Loaded.lessons`. */
  readonly lessons: Int32Array
  /** Six words for each state that the search has not done with. */
  readonly open: Int32Array
  /** The visited states in blocks, each good until the next is asked for. To be read before the search goes on. */
  readonly visited: () => Iterable<Uint8Array>
}
