import { type Direct, direct, immediate } from './direct.js'
import type { LockOp } from './lock.js'
import { made } from './made.js'
import type { Access, Cell } from './memory.js'
import { unrun } from './unrun.js'

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
  ) {
    made.count++
  }

  [Symbol.iterator](): Iterator<Request, T, unknown> {
    return suspend<T>(this)
  }
}

/** A remark for the table; takes no step. */
export class Note implements Request {
  readonly request = 'note'
  constructor(readonly text: string) {
    made.count++
  }

  [Symbol.iterator](): Iterator<Request, void, unknown> {
    return suspend<void>(this)
  }
}

/** Asks for the context object the thread was started with; takes no step. */
export class ContextRequest<T> implements Request {
  readonly request = 'context'
  constructor() {
    made.count++
  }

  [Symbol.iterator](): Iterator<Request, T, unknown> {
    return suspend<T>(this)
  }
}

const taken = <T>(run: Direct, result: T | Blocked, step: string): T => (result instanceof Blocked ? run.stuck(step, result.why) : result)

/** Takes a step with nobody else around. */
export const take = <T>(run: Direct, { kind, apply, options }: Step<T>): T => taken(run, apply(run.access, 0), options.label ?? kind)

const simple = <A extends readonly unknown[], T>(
  kind: StepKind, order: Order, apply: (access: Access, ...operands: A) => T | Blocked, operands: A, options: StepOptions | undefined,
): Step<T> => new Step<T>(kind, operands, (m) => apply(m, ...operands), { order, ...options })

const read = (m: Access, cell: Cell): number => m.get(cell)

/** Reads a cell. */
export const load = (cell: Cell, options?: StepOptions): Step =>
  (direct.run ? immediate<Step>(direct.run.access.get(cell)) : simple('load', 'once', read, [cell], options))

const written = (m: Access, cell: Cell, value: number): void => m.set(cell, value)

/** Writes a cell. */
export const store = (cell: Cell, value: number, options?: StepOptions): Step<void> =>
  (direct.run ? immediate<Step<void>>(direct.run.access.set(cell, value))
    : simple('store', 'once', written, [cell, value], options))

const exchanged = (m: Access, cell: Cell, value: number): number => {
  const old = m.get(cell)
  m.set(cell, value)
  return old
}

/** Writes a cell and returns what was there. */
export const xchg = (cell: Cell, value: number, options?: StepOptions): Step =>
  (direct.run ? immediate<Step>(exchanged(direct.run.access, cell, value)) : simple('xchg', 'full', exchanged, [cell, value], options))

const compared = (m: Access, cell: Cell, expected: number, value: number): number => {
  const old = m.get(cell)
  if (old === expected) m.set(cell, value)
  return old
}

/** Writes `value` if the cell holds `expected`. Returns what was there. */
export const cmpxchg = (cell: Cell, expected: number, value: number, options?: StepOptions): Step =>
  (direct.run ? immediate<Step>(compared(direct.run.access, cell, expected, value))
    : simple('cmpxchg', 'full', compared, [cell, expected, value], options))

const added = (m: Access, cell: Cell, delta: number): number => {
  const old = m.get(cell)
  m.set(cell, old + delta)
  return old
}

/** Adds to a cell and returns the value before. */
export const fetchAdd = (cell: Cell, delta: number, options?: StepOptions): Step =>
  (direct.run ? immediate<Step>(added(direct.run.access, cell, delta)) : simple('fetchAdd', 'full', added, [cell, delta], options))

const addedUnlessZero = (m: Access, cell: Cell, delta: number): boolean => {
  const old = m.get(cell)
  if (old === 0) return false
  m.set(cell, old + delta)
  return true
}

/** Adds to a cell unless it holds 0. Returns whether it did. */
export const addUnlessZero = (cell: Cell, delta: number, options?: StepOptions): Step<boolean> =>
  (direct.run ? immediate<Step<boolean>>(addedUnlessZero(direct.run.access, cell, delta))
    : simple('addUnlessZero', 'full', addedUnlessZero, [cell, delta], options))

const withBits = (m: Access, cell: Cell, mask: number): number => {
  const old = m.get(cell)
  m.set(cell, old | mask)
  return old
}

/** Sets bits and returns the value before. */
export const setBits = (cell: Cell, mask: number, options?: StepOptions): Step =>
  (direct.run ? immediate<Step>(withBits(direct.run.access, cell, mask)) : simple('setBits', 'full', withBits, [cell, mask], options))

const withoutBits = (m: Access, cell: Cell, mask: number): number => {
  const old = m.get(cell)
  m.set(cell, old & ~mask)
  return old
}

/** Clears bits and returns the value before. */
export const clearBits = (cell: Cell, mask: number, options?: StepOptions): Step =>
  (direct.run ? immediate<Step>(withoutBits(direct.run.access, cell, mask))
    : simple('clearBits', 'full', withoutBits, [cell, mask], options))

const acquired = (m: Access, cell: Cell, from: number, to: number): Blocked | void => {
  if (m.get(cell) !== from) return new Blocked('held')
  m.set(cell, to)
}

/** Waits until the cell holds `from`, then writes `to`, as one step. */
export const acquire = (cell: Cell, from: number, to: number, options?: StepOptions): Step<void> =>
  (direct.run ? immediate<Step<void>>(taken(direct.run, acquired(direct.run.access, cell, from, to), options?.label ?? 'acquire'))
    : simple('acquire', 'acquire', acquired, [cell, from, to], options))

/** Waits until `test` holds for the cell; returns the value seen. `test` is pure. */
export const until = (cell: Cell, test: (value: number) => boolean, options?: StepOptions): Step => {
  const apply = (m: Access): number | Blocked => {
    const value = m.get(cell)
    const passes = test(value)
    if (typeof passes === 'object' && unrun(passes)) throw new TypeError(`the test of until() gives ${unrun(passes)}, which nobody runs`)
    return passes ? value : new Blocked('waits')
  }
  return direct.run ? immediate<Step>(taken(direct.run, apply(direct.run.access), options?.label ?? 'until'))
    : new Step('until', undefined, apply, { order: 'acquire', ...options })
}

const MOST_ALTERNATIVES = 65_536

/** Goes on with each of 0 … n-1 in turn. */
export const choose = (n: number, options?: StepOptions): Step => {
  if (!Number.isInteger(n) || n < 1 || n > MOST_ALTERNATIVES) throw new RangeError(`choose(${String(n)}): give a whole number from 1 to ${MOST_ALTERNATIVES}`)
  return direct.run ? immediate<Step>(0) : new Step('choose', [n], (_, alternative) => alternative, options, n)
}

/** A memory barrier. Nothing under sequential consistency. */
export const fence = (order: Order = 'full', options?: StepOptions): Step<void> =>
  (direct.run ? immediate<Step<void>>(undefined) : new Step<void>('fence', [order], () => undefined, { order, ...options }))

/**
 * An action on any number of cells as one atomic step: what hardware does at once, or the inside of a primitive
 * whose steps nobody can tell apart. `apply` is pure but for `access`; it may return a Blocked.
 */
export const atomic = <T = void>(label: string, apply: (access: Access) => T | Blocked, options?: StepOptions): Step<T> =>
  (direct.run ? taken(direct.run, apply(direct.run.access), label) as unknown as Step<T>
    : new Step<T>('atomic', undefined, apply, { order: 'full', label, ...options }))

/** Leaves a remark in the table without taking a step. */
export const note = (text: string): Note => (direct.run ? immediate<Note>(undefined) : new Note(text))

/** The context object that the thread was started with (machine/: the CPU it runs on). */
export const context = <T>(): ContextRequest<T> =>
  (direct.run ? direct.run.context as unknown as ContextRequest<T> : new ContextRequest<T>())
