import type { ExploreOptions } from '../engine/search/explore.js'
import { search } from '../engine/search/explore.js'
import type { Progress } from '../engine/search/result.js'
import { Loaded } from '../engine/learn/loaded.js'
import { DEFAULT_KERNEL, type KernelName } from '../machine/kernels.js'
import { boot, type Conditions } from './boot.js'
import { conditionsOf, expectedOracle, neverReached } from './check.js'
import { growing } from './growing.js'
import { missingFeatures } from './features.js'
import { expectOn, type Race } from './race.js'

/** One verdict of a matrix, as plain data. */
export interface Cell {
  readonly race: string
  readonly variant: string
  readonly arch: string
  readonly kernel: KernelName
  /** `absent`: the architecture does not have what the race is about, or the kernel not what the variant changes. */
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

/** A verdict, and what was searched for it; nothing where there is nothing to search. */
export interface Searched {
  readonly cell: Cell
  readonly loaded: Loaded | undefined
  /** Names of `sometimes` and `maybe` that runs reached. */
  readonly reached: readonly string[]
}

/** Searches everything of one variant on one architecture and kernel. */
export function* cellOf(
  race: Race, variant: string, arch: string, kernel: KernelName, options: ExploreOptions = {},
): Generator<Progress, Cell> {
  return (yield* searched(race, variant, conditionsOf(race.variants[variant]!, arch, kernel), options)).cell
}

/** The same under conditions that may differ from those of the variant. */
export function* searched(race: Race, variant: string, conditions: Conditions, options: ExploreOptions = {}): Generator<Progress, Searched> {
  const { arch, kernel = DEFAULT_KERNEL } = conditions
  const missing = missingFeatures(race, arch, kernel)
  const subject = { race: race.name, variant, arch, kernel, missing }
  if (missing.length > 0) return { cell: { ...subject, verdict: 'absent', oracles: [], neverReached: [], asExpected: true, states: 0 }, loaded: undefined, reached: [] }
  const { loaded, result } = yield* growing(race, function* () {
    const booted = new Loaded(boot(race, conditions))
    return { loaded: booted, result: yield* search(booted, { ...options, all: true }) }
  })
  const oracles = result.verdict === 'violated' ? [...new Set(result.found.map((f) => f.violation.oracle))].toSorted() : []
  const never = neverReached(race, conditions, result)
  const expected = expectedOracle(race, conditions)
  const expect = race.variants[variant] && expectOn(race.variants[variant], kernel)
  const gone = result.verdict === 'holds' && expect && 'absent' in expect ? expect.absent : undefined
  return {
    loaded, reached: result.stats.reached,
    cell: {
      ...subject, verdict: gone === undefined ? result.verdict : 'absent', missing: gone === undefined ? [] : [gone], oracles,
      neverReached: never,
      asExpected: expected === undefined ? result.verdict === 'holds' && (gone !== undefined || never.length === 0) : oracles.includes(expected),
      states: result.stats.states,
    },
  }
}
