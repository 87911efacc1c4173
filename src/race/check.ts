import { heartbeat } from '../engine/heartbeat.js'
import { Loaded } from '../engine/learn/loaded.js'
import { bestFirst, FEWEST_PREEMPTIONS } from '../engine/search/best-first.js'
import { type ExploreOptions, search } from '../engine/search/explore.js'
import type { LockCycle } from '../engine/locks/cycles.js'
import type { Found, Progress, Result } from '../engine/search/result.js'
import { DEFAULT_KERNEL, type KernelName } from '../machine/kernels.js'
import { boot, type Conditions } from './boot.js'
import { growing } from './growing.js'
import { type Expectation, expectOn, type Race, type Variant } from './race.js'
import { isVacuous } from './is-vacuous.js'
import { variantOf } from './variant-of.js'

/** What a race did under given conditions. */
export interface Outcome {
  readonly race: Race
  readonly conditions: Conditions
  readonly result: Result
  /** The violation to show, when there is one, and what is best about this run of it. */
  readonly shown: { readonly found: Found; readonly best: 'fewest preemptions' | 'fewest steps' | 'first found' } | undefined
  /** Orders of locks that could deadlock. No single run shows them. */
  readonly lockCycles: readonly LockCycle[]
  /** When it holds: names in `sometimes` that no run reached, and that the variant does not say are not. */
  readonly neverReached: readonly string[]
  /** The program, for replaying schedules. */
  readonly loaded: Loaded
}

/** How long to look for a run that is easier to read than the first one found. */
const NICER = { seconds: 5, states: 400_000, bytes: 800_000_000 } as const

/**
 * Runs a race. Without a strategy: a complete search for the verdict, then the violation that is easiest to read.
 * `known` is the result of that search when others have done it already.
 */
export function* checkRace(race: Race, conditions: Conditions, options: ExploreOptions = {}, known?: Result): Generator<Progress, Outcome> {
  const complete = options.strategy === undefined || options.strategy === 'exhaustive'
  const { loaded, result } = yield* growing(race, function* () {
    const booted = new Loaded(boot(race, conditions))
    return { loaded: booted, result: known ?? (yield* search(booted, { ...options, ...(complete && { all: true }) })) }
  })
  const found = result.verdict === 'violated' ? result.found : []
  const first = preferred(found.filter(({ cycles }) => !cycles), expectedOracle(race, conditions))
  const nicer = first && options.strategy === undefined && !first.loop ? yield* nicest(race, conditions, first, options) : undefined
  const best = nicer || options.strategy === 'fewest-preemptions' ? 'fewest preemptions' : options.strategy === 'shortest' ? 'fewest steps' : 'first found'
  return {
    race, conditions, result, loaded,
    lockCycles: found.flatMap(({ cycles }) => cycles ?? []),
    shown: first && { found: nicer ?? first, best },
    neverReached: neverReached(race, conditions, result),
  }
}

/** Runs a search to its end, for callers that need no progress. */
export function finish<T>(steps: Generator<Progress, T>): T {
  for (;;) {
    heartbeat.beat()
    const turn = steps.next()
    if (turn.done) return turn.value
  }
}

function* nicest(race: Race, conditions: Conditions, first: Found, options: ExploreOptions): Generator<Progress, Found | undefined> {
  const loaded = new Loaded(boot(race, conditions))
  const bounds = { ...NICER, oracle: first.violation.oracle, ...(options.signal && { signal: options.signal }) }
  const result = yield* bestFirst(loaded, FEWEST_PREEMPTIONS, bounds)
  return result.verdict === 'violated' ? result.found[0] : undefined
}

const preferred = (found: readonly Found[], oracle: string | undefined): Found | undefined =>
  found.find((f) => f.violation.oracle === oracle) ?? found[0]

/** A variant of a race, on an architecture and a kernel. */
export const conditionsOf = ({ revert = [], apply = [], with: values = {} }: Variant, arch: string, kernel: KernelName = DEFAULT_KERNEL): Conditions =>
  ({ arch, kernel, revert, apply, with: values })

/** What a search that found nothing should have met, and has not: it proves nothing then. */
export function neverReached(race: Race, conditions: Conditions, { verdict, stats }: Result): readonly string[] {
  const declared = variantOf(race, conditions)?.[1].never ?? []
  return verdict === 'holds' ? race.sometimes.filter((name) => !stats.reached.includes(name) && !declared.includes(name)) : []
}

/** What history says of a race under these conditions, if the race says it. */
export const expectation = (race: Race, conditions: Conditions): Expectation | undefined => {
  const variant = variantOf(race, conditions)?.[1]
  return variant && expectOn(variant, conditions.kernel ?? DEFAULT_KERNEL)
}

/** The oracle that is expected to be violated. */
export function expectedOracle(race: Race, conditions: Conditions): string | undefined {
  const expect = expectation(race, conditions)
  if (!expect || !('violates' in expect)) return undefined
  return expect.on === 'all' || expect.on.includes(conditions.arch) ? expect.violates : undefined
}

/** Whether the outcome is what history says; undefined where the race does not say. */
export function asExpected(outcome: Outcome): boolean | undefined {
  const { race, conditions, result } = outcome
  const expect = expectation(race, conditions)
  if (!expect) return undefined
  const oracle = expectedOracle(race, conditions)
  if (oracle === undefined) return result.verdict === 'holds' && ('absent' in expect || !isVacuous(outcome))
  return result.verdict === 'violated' && result.found.some((f) => f.violation.oracle === oracle)
}
