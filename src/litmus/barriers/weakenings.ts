import type { Action, Expr, Fence, LitmusTest, Statement } from '../parse/ast.js'
import { rewrite, sitesOf } from './rewrite.js'

/** Where a barrier is: its line; for one to add, the line of the statement that it follows or changes. */
export interface BarrierPlace {
  readonly thread: number
  readonly line: number
}

/** A test with a barrier less or more. */
export interface Variant {
  /** The barrier, as the source writes it or would write it. */
  readonly barrier: string
  /** Two for a pair of barriers, otherwise one. */
  readonly places: readonly BarrierPlace[]
  readonly test: LitmusTest
}

const RCU: readonly Fence[] = ['rcu-lock', 'rcu-unlock', 'sync-rcu']

/** The test without one of its barriers, for each: fences, release, acquire, and the full order of atomics. */
export function weakenings(test: LitmusTest): Variant[] {
  return sitesOf(test).flatMap(({ statement, thread, index }) => {
    const { action, text, line } = statement
    const variant = (replacement: readonly Statement[]): Variant =>
      ({ barrier: text, places: [{ thread, line }], test: rewrite(test, (s, i) => (i === index ? replacement : [s])) })
    if (action.kind === 'fence') return RCU.includes(action.fence) ? [] : [variant([])]
    const weaker = relax(action)
    return weaker ? [variant([{ ...statement, action: weaker }])] : []
  })
}

/** The same with every access of the statement relaxed; undefined if none was ordered. */
function relax(action: Action): Action | undefined {
  switch (action.kind) {
    case 'store': {
      const value = relaxExpr(action.value)
      if (action.order === 'release' || action.order === 'full') return { ...action, order: 'once', value: value ?? action.value }
      return value && { ...action, value }
    }
    case 'assign':
    case 'evaluate': {
      const value = relaxExpr(action.value)
      return value && { ...action, value }
    }
    default:
      return undefined
  }
}

function relaxExpr(expr: Expr): Expr | undefined {
  switch (expr.kind) {
    case 'load':
      return expr.order === 'acquire' ? { ...expr, order: 'once' } : undefined
    case 'xchg':
    case 'cmpxchg':
    case 'rmw':
      return expr.order === 'once' ? undefined : { ...expr, order: 'once' }
    case 'unary': {
      const of = relaxExpr(expr.of)
      return of && { ...expr, of }
    }
    case 'binary': {
      const left = relaxExpr(expr.left)
      const right = relaxExpr(expr.right)
      return left || right ? { ...expr, left: left ?? expr.left, right: right ?? expr.right } : undefined
    }
    default:
      return undefined
  }
}
