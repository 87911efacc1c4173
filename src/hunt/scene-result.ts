import type { Sighting } from './sighting.js'

/** What came of one scene, as plain data. */
export interface SceneResult {
  readonly arch: string
  readonly state: string
  readonly operations: readonly string[]
  /** `failed`: model code threw. */
  readonly verdict: 'holds' | 'violated' | 'incomplete' | 'failed'
  /** Of `against`, if asked for, only what the other kernel has not. */
  readonly sightings: readonly Sighting[]
  /** What threw, or what stopped it. */
  readonly why?: string
  readonly states: number
  /** Milliseconds. */
  readonly took: number
  /** What was covered for the first time by whoever searched it. */
  readonly covered: readonly string[]
  /** Ids of changes of the user's that it ran for the first time. */
  readonly executed: readonly string[]
}
