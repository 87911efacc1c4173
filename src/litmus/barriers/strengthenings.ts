import type { Action, Expr, LitmusTest, Statement } from '../parse/ast.js'
import { rewrite, type Site, sitesOf } from './rewrite.js'
import type { Variant } from './weakenings.js'

const TEXT = { wmb: 'smp_wmb()', rmb: 'smp_rmb()', mb: 'smp_mb()' } as const
type Added = keyof typeof TEXT

/** The test with one barrier more, for each place, the cheapest kinds first. */
export function strengthenings(test: LitmusTest): Variant[] {
  const sites = sitesOf(test)
  const gaps = sites.filter(isGap)
  return [
    ...sites.flatMap((site) => ordered(test, site)),
    ...(['wmb', 'rmb'] as const).flatMap((fence) => gaps.map((site) => withFence(test, [site], fence))),
    ...fullPlaces(sites).map((site) => withFence(test, [site], 'mb')),
  ]
}

/** The test with a full barrier at two places, in different threads. */
export function pairsOfBarriers(test: LitmusTest): Variant[] {
  const all = fullPlaces(sitesOf(test))
  return all.flatMap((a, i) =>
    all.slice(i + 1).filter((b) => b.thread !== a.thread).map((b) => withFence(test, [a, b], 'mb')))
}

/** The test with full barriers at all places but those at the given positions. */
export function barriersEverywhere(test: LitmusTest, but: ReadonlySet<number>): Variant {
  return withFence(test, fullPlaces(sitesOf(test)).filter((_, i) => !but.has(i)), 'mb')
}

/** After these statements a barrier may order something: accesses with an access after them in the same block. */
const isGap = ({ statement, next }: Site): boolean =>
  next !== undefined && accesses(statement) && next.action.kind !== 'fence'

const isWeakFence = ({ statement: { action } }: Site): boolean =>
  action.kind === 'fence' && (action.fence === 'rmb' || action.fence === 'wmb' || action.fence === 'barrier')

/** Where a full barrier can go: between accesses, or in the place of a weaker one. */
const fullPlaces = (sites: readonly Site[]): Site[] => sites.filter((site) => isGap(site) || isWeakFence(site))

function withFence(test: LitmusTest, sites: readonly Site[], fence: Added): Variant {
  const text = TEXT[fence]
  const at = new Map(sites.map((site) => [site.index, site]))
  return {
    barrier: text,
    places: sites.map(({ thread, statement: { line } }) => ({ thread, line })),
    test: rewrite(test, (statement, index) => {
      const site = at.get(index)
      if (!site) return [statement]
      const added: Statement = { action: { kind: 'fence', fence }, text, line: statement.line }
      return isWeakFence(site) ? [added] : [statement, added]
    }),
  }
}

/** A store as smp_store_release(), a load as smp_load_acquire(). */
function ordered(test: LitmusTest, { statement, thread, index }: Site): Variant[] {
  const { action, line } = statement
  const make = (barrier: string, stronger: Action): Variant[] => [{
    barrier, places: [{ thread, line }], test: rewrite(test, (s, i) => (i === index ? [{ ...statement, action: stronger }] : [s])),
  }]
  if (action.kind === 'store' && action.order === 'once') return make('smp_store_release()', { ...action, order: 'release' })
  if (action.kind === 'assign' && action.value.kind === 'load' && action.value.order === 'once') {
    return make('smp_load_acquire()', { ...action, value: { ...action.value, order: 'acquire' } })
  }
  return []
}

function accesses({ action }: Statement): boolean {
  if (action.kind === 'fence' || action.kind === 'while') return false
  if (action.kind === 'if') return true
  return !('value' in action) || action.kind === 'store' || reads(action.value)
}

const reads = (expr: Expr): boolean => expr.kind === 'unary' ? reads(expr.of)
  : expr.kind === 'binary' ? reads(expr.left) || reads(expr.right) : expr.kind !== 'number' && expr.kind !== 'name'
