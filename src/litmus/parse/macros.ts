import type { Order } from '../../engine/model/step.js'
import { nearestHint } from '../../engine/nearest.js'
import { shown } from '../../engine/shown.js'
import { LitmusError } from '../litmus-error.js'
import type { Action, BinaryOp, Expr, Fence } from './ast.js'

/** What a call in C-litmus means: linux-kernel.def of tools/memory-model (7.3), and atomic_add_unless of herd7. */
type Macro = (args: Expr[]) => Expr | Action

const ORDERS: readonly [suffix: string, order: Order][] =
  [['', 'full'], ['_relaxed', 'once'], ['_acquire', 'acquire'], ['_release', 'release']]
const OPS: Record<string, BinaryOp> = { add: '+', sub: '-', and: '&', or: '|', xor: '^', andnot: '&~' }
const FENCES: Record<string, Fence> = {
  smp_mb: 'mb',
  smp_rmb: 'rmb',
  smp_wmb: 'wmb',
  barrier: 'barrier',
  smp_mb__before_atomic: 'before-atomic',
  smp_mb__after_atomic: 'after-atomic',
  smp_mb__after_spinlock: 'after-spinlock',
  smp_mb__after_unlock_lock: 'after-unlock-lock',
  smp_mb__after_srcu_read_unlock: 'after-srcu-read-unlock',
  rcu_read_lock: 'rcu-lock',
  rcu_read_unlock: 'rcu-unlock',
  synchronize_rcu: 'sync-rcu',
  synchronize_rcu_expedited: 'sync-rcu',
}

/** How the source writes a fence. */
export const FENCE_TEXT = Object.fromEntries(
  Object.entries(FENCES).toReversed().map(([name, fence]) => [fence, `${name}()`]),
) as Record<Fence, string>

const number = (value: number): Expr => ({ kind: 'number', value })
const test = (op: BinaryOp, left: Expr): Expr => ({ kind: 'binary', op, left, right: number(0) })

/** The address of an lvalue: of `*p` it is p. A bare name stands for the location it points to. */
const addressOf = (lvalue: Expr): Expr => (lvalue.kind === 'load' ? lvalue.at : lvalue)

const table = new Map<string, { arity: number; macro: Macro }>()
const define = (names: string | string[], arity: number, macro: (...args: Expr[]) => Expr | Action): void => {
  for (const name of [names].flat()) table.set(name, { arity, macro: (args) => macro(...args) })
}

define(['READ_ONCE', 'rcu_dereference'], 1, (x) => ({ kind: 'load', order: 'once', at: addressOf(x!) }))
define('WRITE_ONCE', 2, (x, value) => ({ kind: 'store', order: 'once', at: addressOf(x!), value: value! }))
define('rcu_assign_pointer', 2, (x, value) => ({ kind: 'store', order: 'release', at: addressOf(x!), value: value! }))
define('atomic_read', 1, (at) => ({ kind: 'load', order: 'once', at: at! }))
define(['smp_load_acquire', 'atomic_read_acquire'], 1, (at) => ({ kind: 'load', order: 'acquire', at: at! }))
define('atomic_set', 2, (at, value) => ({ kind: 'store', order: 'once', at: at!, value: value! }))
define(['smp_store_release', 'atomic_set_release'], 2, (at, value) =>
  ({ kind: 'store', order: 'release', at: at!, value: value! }))
define('smp_store_mb', 2, (x, value) => ({ kind: 'store', order: 'full', at: addressOf(x!), value: value! }))
for (const [name, fence] of Object.entries(FENCES)) define(name, 0, () => ({ kind: 'fence', fence }))

for (const [suffix, order] of ORDERS) {
  for (const prefix of ['', 'atomic_']) {
    define(`${prefix}xchg${suffix}`, 2, (at, value) => ({ kind: 'xchg', order, at: at!, value: value! }))
    define(`${prefix}cmpxchg${suffix}`, 3, (at, old, value) =>
      ({ kind: 'cmpxchg', order, at: at!, old: old!, value: value! }))
  }
  for (const [name, op] of Object.entries(OPS)) {
    const rmw = (result: 'old' | 'new') => (operand?: Expr, at?: Expr): Expr =>
      ({ kind: 'rmw', order, op, at: at!, operand: operand!, result })
    define(`atomic_${name}_return${suffix}`, 2, rmw('new'))
    define(`atomic_fetch_${name}${suffix}`, 2, rmw('old'))
  }
  for (const [name, op] of [['inc', '+'], ['dec', '-']] as const) {
    const rmw = (result: 'old' | 'new') => (at?: Expr): Expr =>
      ({ kind: 'rmw', order, op, at: at!, operand: number(1), result })
    define(`atomic_${name}_return${suffix}`, 1, rmw('new'))
    define(`atomic_fetch_${name}${suffix}`, 1, rmw('old'))
  }
}
const silent = (op: BinaryOp, operand: Expr, at: Expr): Action =>
  ({ kind: 'evaluate', value: { kind: 'rmw', order: 'once', op, at, operand, result: 'noreturn' } })
for (const [name, op] of Object.entries(OPS)) define(`atomic_${name}`, 2, (operand, at) => silent(op, operand!, at!))
define('atomic_inc', 1, (at) => silent('+', number(1), at!))
define('atomic_dec', 1, (at) => silent('-', number(1), at!))

const newValue = (op: BinaryOp, operand: Expr, at: Expr, order: Order = 'full'): Expr =>
  ({ kind: 'rmw', order, op, at, operand, result: 'new' })
define('atomic_sub_and_test', 2, (operand, at) => test('==', newValue('-', operand!, at!)))
define('atomic_dec_and_test', 1, (at) => test('==', newValue('-', number(1), at!)))
define('atomic_inc_and_test', 1, (at) => test('==', newValue('+', number(1), at!)))
for (const [suffix, order] of ORDERS) {
  define(`atomic_add_negative${suffix}`, 2, (operand, at) => test('<', newValue('+', operand!, at!, order)))
}
define('atomic_add_unless', 3, (at, add, unless) => ({ kind: 'addUnless', at: at!, add: add!, unless: unless! }))

define('spin_lock', 1, (at) => ({ kind: 'lock', at: at! }))
define('spin_unlock', 1, (at) => ({ kind: 'unlock', at: at! }))
define('spin_trylock', 1, (at) => ({ kind: 'trylock', at: at! }))
define('spin_is_locked', 1, (at) => ({ kind: 'isLocked', at: at! }))
define(['srcu_read_lock', 'srcu_down_read'], 1, (at) => ({ kind: 'srcuLock', at: at! }))
define(['srcu_read_unlock', 'srcu_up_read'], 2, (at, value) => ({ kind: 'srcuUnlock', at: at!, value: value! }))
define(['synchronize_srcu', 'synchronize_srcu_expedited'], 1, (at) => ({ kind: 'syncSrcu', at: at! }))

/** The meaning of `name(args)`. Throws for names that linux-kernel.def does not define. */
export function expandMacro(name: string, args: Expr[], line: number): Expr | Action {
  const entry = table.get(name)
  if (!entry) {
    const hint = nearestHint(name, [...table.keys()], 'docs/litmus.md says what is accepted')
    throw new LitmusError(`${shown(name).slice(1, -1)}() is not a macro of linux-kernel.def`, line, hint)
  }
  if (entry.arity !== args.length) throw new LitmusError(`${name}() takes ${entry.arity} ${entry.arity === 1 ? 'argument' : 'arguments'}, not ${args.length}`, line)
  return entry.macro(args)
}
