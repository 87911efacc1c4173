import type { ExploreOptions } from '../engine/search/explore.js'
import { search } from '../engine/search/explore.js'
import type { Progress } from '../engine/search/result.js'
import { Loaded } from '../engine/learn/loaded.js'
import type { KernelName } from '../machine/kernels.js'
import { boot } from './boot.js'
import { conditionsOf, expectedOracle, neverReached } from './check.js'
import { missingFeatures } from './features.js'
import type { Race } from './race.js'

/** One verdict of a matrix, as plain data. */
export interface Cell {
  readonly race: string
  readonly variant: string
  readonly arch: string
  readonly kernel: KernelName
  /** `absent`: the architecture does not have what the race is about. */
  readonly verdict: 'violated' | 'holds' | 'not-found' | 'inconclusive' | 'absent'
  /** What it does not have. */
  readonly missing: readonly string[]
  /** The oracles violated, in order. */
  readonly oracles: readonly string[]
  /** When it holds: conditions in `sometimes` that no run reached, and that the variant does not say are not. */
  readonly neverReached: readonly string[]
  /** Whether that is what history says. */
  readonly asExpected: boolean
  readonly states: number
}

/** Searches everything of one variant on one architecture and kernel. */
export function* cellOf(
  race: Race, variant: string, arch: string, kernel: KernelName, options: ExploreOptions = {},
): Generator<Progress, Cell> {
  const missing = missingFeatures(race, arch, kernel)
  if (missing.length > 0) return { race: race.name, variant, arch, kernel, verdict: 'absent', missing, oracles: [], neverReached: [], asExpected: true, states: 0 }
  const conditions = conditionsOf(race.variants[variant]!, arch, kernel)
  const result = yield* search(new Loaded(boot(race, conditions)), { ...options, all: true })
  const oracles = result.verdict === 'violated' ? [...new Set(result.found.map((f) => f.violation.oracle))].toSorted() : []
  const never = neverReached(race, conditions, result)
  const expected = expectedOracle(race, conditions)
  return {
    race: race.name, variant, arch, kernel, verdict: result.verdict, missing, oracles,
    neverReached: never,
    asExpected: expected === undefined ? result.verdict === 'holds' && never.length === 0 : oracles.includes(expected),
    states: result.stats.states,
  }
}
