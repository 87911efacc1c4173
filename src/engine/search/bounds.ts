import { UserError } from '../errors.js'
import type { Bound } from './result.js'

/** Limits of a search. Without a limit it goes on to its end, but for memory (`bytes`, 3 GB). */
export interface Bounds {
  /** Distinct states. */
  readonly states?: number
  /**
   * Steps of one run. Exact with `shortest`. The other searches may come to a state late, and then leave out what
   * could have been reached from it sooner.
   */
  readonly depth?: number
  /** Wall-clock seconds. */
  readonly seconds?: number
  /** Bytes of the search's own memory; at most 3.8 GB. */
  readonly bytes?: number
}

export const DEFAULT_BYTES = 3_000_000_000
const MAX_BYTES = 3_800_000_000

/** The bounds with defaults, or a UserError that says what is wrong with them. */
export function checkedBounds(bounds: Bounds): { states: number; depth: number; seconds: number; bytes: number } {
  const checked = {
    states: bounds.states ?? Infinity,
    depth: bounds.depth ?? Infinity,
    seconds: bounds.seconds ?? Infinity,
    bytes: bounds.bytes ?? DEFAULT_BYTES,
  }
  for (const [name, value] of Object.entries(checked)) {
    if (!(value > 0)) throw new UserError('bad-bound', `the bound on ${name} is ${value}`, 'give a positive number')
  }
  if (checked.bytes > MAX_BYTES) throw new UserError('bad-bound', `${checked.bytes} bytes is more than the core can address`, 'give at most 3.8 GB')
  return checked
}

/** Tells when a search has to stop: time, or the caller's wish. */
export class Deadline {
  private readonly end: number
  constructor(private readonly seconds: number, private readonly signal: AbortSignal | undefined) {
    this.end = performance.now() + seconds * 1000
  }

  passed(): Bound | undefined {
    if (this.signal?.aborted) return { bound: 'interrupted', limit: 0 }
    if (performance.now() > this.end) return { bound: 'seconds', limit: this.seconds }
    return undefined
  }
}
