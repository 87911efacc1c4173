import type { Loaded } from '../learn/loaded.js'

/** What an exhaustive search leaves out because it makes no difference to what it finds. */
export interface Reductions {
  /** Threads that nobody else can disturb go first. */
  readonly persistent: boolean
  /** Steps that were taken before, in an order that makes no difference, are not taken again. */
  readonly sleep: boolean
  /** States that differ by swapping interchangeable threads are one (ThreadSpec.symmetry). */
  readonly symmetry: boolean
}

const NONE: Reductions = { persistent: false, sleep: false, symmetry: false }
const ALL: Reductions = { persistent: true, sleep: true, symmetry: true }

/** The reductions of a search: all, none, or all but those switched off. */
export function reductionsFor(loaded: Loaded, wanted: boolean | Partial<Reductions> = true): Reductions {
  if (wanted === false) return NONE
  const all = wanted === true ? ALL : { ...ALL, ...wanted }
  return { ...all, symmetry: all.symmetry && loaded.groups.some((group) => group.length > 1) }
}
