import { UndecidedError } from '../litmus-error.js'
import type { LitmusTest } from '../parse/ast.js'
import { isReachable, type Model } from '../reachable.js'
import { pairsOfBarriers, strengthenings } from './strengthenings.js'
import { type Variant, weakenings } from './weakenings.js'

/** A barrier by its place in the file. */
export type Barrier = Omit<Variant, 'test'>

/** One of the test's own barriers, and whether the outcome stays impossible only because of it. */
export interface BarrierNeed extends Barrier {
  readonly needed: boolean
}

/** Variants tried at most, so that a long test gets its answer soon. */
const MAX_VARIANTS = 400

/** For a test whose outcome cannot happen: each barrier, and whether it can happen without that one. */
export const barriersNeeded = (test: LitmusTest, model: Model): BarrierNeed[] =>
  weakenings(test).slice(0, MAX_VARIANTS).map(({ test: weaker, ...barrier }) =>
    ({ ...barrier, needed: reachable(weaker, model) !== false }))

/**
 * For a test whose outcome can happen: the barriers that would forbid it, at each place the weakest kind that does.
 * If no single one does, pairs of full barriers are tried.
 */
export function barriersThatForbid(test: LitmusTest, model: Model): Barrier[] {
  const single = forbidding(strengthenings(test), model)
  return single.length > 0 ? single : forbidding(pairsOfBarriers(test), model)
}

function forbidding(variants: readonly Variant[], model: Model): Barrier[] {
  const found: Barrier[] = []
  const key = ({ places }: Barrier): string => places.map(({ thread, line }) => `${thread}:${line}`).join()
  for (const { test, ...barrier } of variants.slice(0, MAX_VARIANTS)) {
    const weakerDoes = found.some((other) => key(other) === key(barrier))
    if (!weakerDoes && reachable(test, model) === false) found.push(barrier)
  }
  return found
}

function reachable(test: LitmusTest, model: Model): boolean | undefined {
  try {
    return isReachable(test, model)
  } catch (error) {
    if (error instanceof UndecidedError) return undefined
    throw error
  }
}
