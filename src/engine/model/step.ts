import { answered, type Direct, direct, taken } from './direct.js'
import type { LockOp } from './lock.js'
import type { Access, Cell } from './memory.js'

/** Ordering of an access, in the kernel's terms. The interleaving search is sequentially consistent and only carries it. */
export type Order = 'plain' | 'once' | 'acquire' | 'release' | 'full'

export type StepKind =
  | 'load' | 'store' | 'xchg' | 'cmpxchg' | 'fetchAdd' | 'addUnlessZero' | 'setBits' | 'clearBits'
  | 'acquire' | 'until' | 'choose' | 'fence' | 'atomic'

/** Returned by a step's `apply` when the step cannot be taken in this state; `why` says what it waits for. */
export class Blocked {
  constructor(readonly why: string) {}
}

export interface StepOptions {
  /** The text in the table, best as the kernel writes it: `pte = ptep_get(ptep)`. */
  label?: string
  order?: Order
  /** What it does to the locks that the thread holds. */
  lock?: LockOp
}

/** Anything a thread may `yield`: a step, a call, a remark, a word on locks. The engine answers each with its result. */
export interface Request {
  readonly request: 'step' | 'call' | 'note' | 'context' | 'locks' | 'holds'
}

/** The type of model code: what `yield*` runs. A generator whose every `yield*` is a step or other model code. */
export interface Steps<T = void> {
  [Symbol.iterator](): Iterator<Request, T, unknown>
}

/** Hands a request to the engine and waits for its answer. */
export function* suspend<T>(request: Request): Generator<Request, T, unknown> {
  return (yield request) as T
}

/** One atomic step on shared state. */
export class Step<T = number> implements Request, Steps<T> {
  readonly request = 'step'
  constructor(
    readonly kind: StepKind,
    /** What tells this step from others at the same place in the code: cells and values. Undefined: what it captures. */
    readonly operands: readonly unknown[] | undefined,
    readonly apply: (access: Access, alternative: number) => T | Blocked,
    readonly options: StepOptions = {},
    /** The number of alternatives of `choose`; otherwise 1. */
    readonly alternatives = 1,
  ) {}

  [Symbol.iterator](): Iterator<Request, T, unknown> {
    const { run } = direct
    if (!run) return suspend<T>(this)
    const result = this.apply(run.access, 0)
    return result instanceof Blocked ? run.stuck(this.options.label ?? this.kind, result.why) : answered(result)
  }
}

/** A remark for the table; takes no step. */
export class Note implements Request {
  readonly request = 'note'
  constructor(readonly text: string) {}
  [Symbol.iterator](): Iterator<Request, void, unknown> {
    return direct.run ? answered(undefined) : suspend<void>(this)
  }
}

/** Asks for the context object the thread was started with; takes no step. */
export class ContextRequest<T> implements Request {
  readonly request = 'context';

  [Symbol.iterator](): Iterator<Request, T, unknown> {
    return direct.run ? answered(direct.run.context as T) : suspend<T>(this)
  }
}

/** In a sequential run a step is taken as soon as it is made. */
const takeNow = <T>(run: Direct, kind: StepKind, apply: Step<T>['apply'], options: StepOptions | undefined): Step<T> => {
  const result = apply(run.access, 0)
  return (result instanceof Blocked ? run.stuck(options?.label ?? kind, result.why) : taken(result)) as unknown as Step<T>
}

const simple =
  <T>(kind: StepKind, order: Order, apply: (access: Access) => T | Blocked, operands: unknown[], options?: StepOptions) =>
    direct.run ? takeNow(direct.run, kind, apply, options) : new Step<T>(kind, operands, apply, { order, ...options })

/** Reads a cell. */
export const load = (cell: Cell, options?: StepOptions): Step =>
  (direct.run ? taken(direct.run.access.get(cell)) as unknown as Step
    : simple('load', 'once', (m) => m.get(cell), [cell], options))

/** Writes a cell. */
export const store = (cell: Cell, value: number, options?: StepOptions): Step<void> =>
  (direct.run ? taken(direct.run.access.set(cell, value)) as unknown as Step<void>
    : simple('store', 'once', (m) => m.set(cell, value), [cell, value], options))

/** Writes a cell and returns what was there. */
export const xchg = (cell: Cell, value: number, options?: StepOptions): Step =>
  simple('xchg', 'full', (m) => {
    const old = m.get(cell)
    m.set(cell, value)
    return old
  }, [cell, value], options)

/** Writes `value` if the cell holds `expected`. Returns what was there. */
export const cmpxchg = (cell: Cell, expected: number, value: number, options?: StepOptions): Step =>
  simple('cmpxchg', 'full', (m) => {
    const old = m.get(cell)
    if (old === expected) m.set(cell, value)
    return old
  }, [cell, expected, value], options)

/** Adds to a cell and returns the value before. */
export const fetchAdd = (cell: Cell, delta: number, options?: StepOptions): Step =>
  simple('fetchAdd', 'full', (m) => {
    const old = m.get(cell)
    m.set(cell, old + delta)
    return old
  }, [cell, delta], options)

/** Adds to a cell unless it holds 0. Returns whether it did. */
export const addUnlessZero = (cell: Cell, delta: number, options?: StepOptions): Step<boolean> =>
  simple('addUnlessZero', 'full', (m) => {
    const old = m.get(cell)
    if (old === 0) return false
    m.set(cell, old + delta)
    return true
  }, [cell, delta], options)

/** Sets bits and returns the value before. */
export const setBits = (cell: Cell, mask: number, options?: StepOptions): Step =>
  simple('setBits', 'full', (m) => {
    const old = m.get(cell)
    m.set(cell, old | mask)
    return old
  }, [cell, mask], options)

/** Clears bits and returns the value before. */
export const clearBits = (cell: Cell, mask: number, options?: StepOptions): Step =>
  simple('clearBits', 'full', (m) => {
    const old = m.get(cell)
    m.set(cell, old & ~mask)
    return old
  }, [cell, mask], options)

/** Waits until the cell holds `from`, then writes `to`, as one step. */
export const acquire = (cell: Cell, from: number, to: number, options?: StepOptions): Step<void> =>
  simple('acquire', 'acquire', (m) => {
    if (m.get(cell) !== from) return new Blocked('held')
    m.set(cell, to)
  }, [cell, from, to], options)

/** Waits until `test` holds for the cell; returns the value seen. `test` is pure. */
export const until = (cell: Cell, test: (value: number) => boolean, options?: StepOptions): Step =>
  new Step('until', undefined, (m) => {
    const value = m.get(cell)
    return test(value) ? value : new Blocked('waits')
  }, { order: 'acquire', ...options })

/** Goes on with each of 0 … n-1 in turn. */
export const choose = (n: number, options?: StepOptions): Step =>
  new Step('choose', [n], (_, alternative) => alternative, options, n)

/** A memory barrier. Nothing under sequential consistency. */
export const fence = (order: Order = 'full', options?: StepOptions): Step<void> =>
  simple('fence', order, () => undefined, [order], options)

/**
 * An action on any number of cells as one atomic step: what hardware does at once, or the inside of a primitive
 * whose steps nobody can tell apart. `apply` is pure but for `access`; it may return a Blocked.
 */
export const atomic = <T = void>(label: string, apply: (access: Access) => T | Blocked, options?: StepOptions): Step<T> =>
  (direct.run ? takeNow(direct.run, 'atomic', apply, { label }) : new Step<T>('atomic', undefined, apply, { order: 'full', label, ...options }))

/** Leaves a remark in the table without taking a step. */
export const note = (text: string): Note => new Note(text)

/** The context object that the thread was started with (machine/: the CPU it runs on). */
export const context = <T>(): ContextRequest<T> => new ContextRequest<T>()
