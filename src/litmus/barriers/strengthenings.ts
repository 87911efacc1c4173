import type { Action, Expr, Fence, LitmusTest, Statement } from '../parse/ast.js'
import { rewrite, type Site, sitesOf } from './rewrite.js'
import type { Variant } from './weakenings.js'

const FENCES: readonly [text: string, fence: Fence][] = [['smp_wmb()', 'wmb'], ['smp_rmb()', 'rmb'], ['smp_mb()', 'mb']]

/** The test with one barrier more, for each place, the cheapest kinds first. */
export function strengthenings(test: LitmusTest): Variant[] {
  const sites = sitesOf(test)
  return [...sites.flatMap((site) => ordered(test, site)), ...FENCES.flatMap(([text, fence]) =>
    places(test).map((site) => withFence(test, [site], text, fence)))]
}

/** The test with a full barrier at two places, in different threads. */
export function pairsOfBarriers(test: LitmusTest): Variant[] {
  const all = places(test)
  return all.flatMap((a, i) => all.slice(i + 1).filter((b) => b.thread !== a.thread).map((b) => {
    const { test: both, ...first } = withFence(test, [a, b], 'smp_mb()', 'mb')
    return { ...first, test: both, barrier: `smp_mb(), and smp_mb() in P${b.thread} after line ${b.statement.line}` }
  }))
}

/** After these statements a barrier may order something: accesses with an access after them in the same block. */
const places = (test: LitmusTest): Site[] =>
  sitesOf(test).filter(({ statement, next }) => next !== undefined && accesses(statement) && next.action.kind !== 'fence')

function withFence(test: LitmusTest, sites: readonly Site[], text: string, fence: Fence): Variant {
  const { thread, statement: { line } } = sites[0]!
  const added: Statement = { action: { kind: 'fence', fence }, text, line }
  const at = new Set(sites.map(({ index }) => index))
  return { barrier: text, thread, line, test: rewrite(test, (s, i) => (at.has(i) ? [s, added] : [s])) }
}

/** A store as smp_store_release(), a load as smp_load_acquire(). */
function ordered(test: LitmusTest, { statement, thread, index }: Site): Variant[] {
  const { action, line } = statement
  const make = (barrier: string, stronger: Action): Variant[] => [{
    barrier, thread, line, test: rewrite(test, (s, i) => (i === index ? [{ ...statement, action: stronger }] : [s])),
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
