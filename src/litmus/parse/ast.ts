import type { Order } from '../../engine/model/step.js'

/** Fences by the names of linux-kernel.bell; RCU markers are fences there as well. */
export type Fence =
  | 'mb' | 'rmb' | 'wmb' | 'barrier'
  | 'before-atomic' | 'after-atomic' | 'after-spinlock' | 'after-unlock-lock' | 'after-srcu-read-unlock'
  | 'rcu-lock' | 'rcu-unlock' | 'sync-rcu'

export type BinaryOp =
  | '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '&~' | '<<' | '>>'
  | '==' | '!=' | '<' | '<=' | '>' | '>=' | '&&' | '||'

/** `at` is the address of an access; addresses are values like any other. */
export type Expr =
  | { kind: 'number'; value: number }
  | { kind: 'name'; name: string }
  | { kind: 'unary'; op: '-' | '!' | '~'; of: Expr }
  | { kind: 'binary'; op: BinaryOp; left: Expr; right: Expr }
  | { kind: 'load'; order: Order; at: Expr }
  | { kind: 'xchg'; order: Order; at: Expr; value: Expr }
  | { kind: 'cmpxchg'; order: Order; at: Expr; old: Expr; value: Expr }
  /** `noreturn` marks the void atomics, which order nothing by themselves. */
  | { kind: 'rmw'; order: Order; op: BinaryOp; at: Expr; operand: Expr; result: 'old' | 'new' | 'noreturn' }
  | { kind: 'addUnless'; at: Expr; add: Expr; unless: Expr }
  | { kind: 'trylock'; at: Expr }
  | { kind: 'isLocked'; at: Expr }
  | { kind: 'srcuLock'; at: Expr }

export type Action =
  | { kind: 'assign'; name: string; value: Expr }
  | { kind: 'evaluate'; value: Expr }
  | { kind: 'store'; order: Order; at: Expr; value: Expr }
  | { kind: 'fence'; fence: Fence }
  | { kind: 'lock' | 'unlock' | 'syncSrcu'; at: Expr }
  | { kind: 'srcuUnlock'; at: Expr; value: Expr }
  | { kind: 'if'; test: Expr; body: Statement[]; otherwise: Statement[] }
  | { kind: 'while'; test: Expr; body: Statement[] }

/** A statement with its text on one line, as tables show it, and its line in the file. */
export interface Statement {
  readonly action: Action
  readonly text: string
  readonly line: number
}

export interface Thread {
  readonly name: string
  readonly params: readonly string[]
  /** Variables that are declared. Others are made by being assigned. */
  readonly locals: readonly string[]
  readonly body: readonly Statement[]
}

/** A register of a thread or a shared location. */
export type Place = { kind: 'register'; thread: number; name: string } | { kind: 'location'; name: string }

/** What a place is compared with: a number, the address of a location, or another place. */
export type Operand = { kind: 'number'; value: number } | { kind: 'address'; name: string } | { kind: 'place'; place: Place }

/** A place is compared with a value. */
export interface Equality {
  readonly kind: 'equal'
  readonly place: Place
  readonly to: Operand
}

export type Formula<Atom> =
  | { kind: 'true' | 'false' }
  | Atom
  | { kind: 'not'; of: Formula<Atom> }
  | { kind: 'and' | 'or' | 'implies'; left: Formula<Atom>; right: Formula<Atom> }

export type Condition = Formula<Equality>

export type Quantifier = 'exists' | '~exists' | 'forall'

/** An initial value: an integer or the address of a location. */
export type Initial = { kind: 'number'; value: number } | { kind: 'address'; name: string }

/** A C-litmus file. */
export interface LitmusTest {
  readonly name: string
  readonly locations: ReadonlyMap<string, Initial>
  /** Initial values of registers, by `thread:name`. */
  readonly registers: ReadonlyMap<string, Initial>
  readonly threads: readonly Thread[]
  readonly quantifier: Quantifier
  readonly condition: Condition
  /** The condition as written, comments dropped and blanks folded. */
  readonly conditionText: string
  readonly filter: Condition | undefined
  /** Places of the `locations` clause, shown besides those of the condition. */
  readonly shown: readonly Place[]
}
