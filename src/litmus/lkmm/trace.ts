import type { Fence } from '../parse/ast.js'
import type { TraceEvent } from './events.js'

/** A fence between two events: `at` is the index of the event that follows it. */
export interface TraceFence {
  readonly fence: Fence
  readonly at: number
  /** Part of an atomic operation, not a statement of its own. */
  readonly implied: boolean
}

/** One way through a thread, given what its reads return: its events in program order and its final registers. */
export interface Trace {
  readonly thread: number
  readonly events: readonly TraceEvent[]
  readonly fences: readonly TraceFence[]
  readonly registers: ReadonlyMap<string, number>
}
