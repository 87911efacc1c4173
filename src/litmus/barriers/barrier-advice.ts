import type { LitmusTest } from '../parse/ast.js'
import { isReachable, type Model, newBudget } from '../reachable.js'
import { barriersEverywhere, pairsOfBarriers, strengthenings } from './strengthenings.js'
import { type Variant, weakenings } from './weakenings.js'

/** A barrier by its place in the file. */
export type Barrier = Omit<Variant, 'test'>

/** One of the test's own barriers, and whether the outcome stays impossible only because of it. */
export interface BarrierNeed extends Barrier {
  /** Undefined if the search for the outcome without it took too long. */
  readonly needed: boolean | undefined
}

/** For a test whose outcome cannot happen: each barrier, and whether it can happen without that one. */
export function barriersNeeded(test: LitmusTest, model: Model): BarrierNeed[] {
  const budget = newBudget()
  return weakenings(test).map(({ test: weaker, ...barrier }) =>
    ({ ...barrier, needed: isReachable(weaker, model, budget) }))
}

/**
 * For a test whose outcome can happen: the barriers that would forbid it, at each place the weakest kind that does. If no
 * single one does: all pairs of full barriers that do. If none does: one set of full barriers of which none can go.
 */
export function barriersThatForbid(test: LitmusTest, model: Model): Barrier[] {
  for (const variants of [strengthenings(test), pairsOfBarriers(test)]) {
    const found = forbidding(variants, model)
    if (found.length > 0) return found
  }
  const set = smallestSet(test, model)
  return set ? [set] : []
}

function forbidding(variants: readonly Variant[], model: Model): Barrier[] {
  const budget = newBudget()
  const found: Barrier[] = []
  const key = ({ places }: Barrier): string => places.map(({ thread, line }) => `${thread}:${line}`).join()
  for (const { test, ...barrier } of variants) {
    const weakerDoes = found.some((other) => key(other) === key(barrier))
    if (!weakerDoes && isReachable(test, model, budget) === false) found.push(barrier)
  }
  return found
}

/** Full barriers everywhere, without those that make no difference, one after the other. */
function smallestSet(test: LitmusTest, model: Model): Barrier | undefined {
  const budget = newBudget()
  const left = new Set<number>()
  let best = barriersEverywhere(test, left)
  if (isReachable(best.test, model, budget) !== false) return undefined
  const count = best.places.length
  for (let i = 0; i < count; i++) {
    const fewer = barriersEverywhere(test, new Set([...left, i]))
    if (isReachable(fewer.test, model, budget) !== false) continue
    left.add(i)
    best = fewer
  }
  return { barrier: best.barrier, places: best.places }
}
