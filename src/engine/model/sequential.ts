import { type Direct, direct } from './direct.js'
import { Call, type FnInfo } from './fn.js'
import { type Access, type Cell, isWord, type Memory } from './memory.js'
import { type Request, Step, type Steps, take } from './step.js'

/** A step of a sequential run that could never be taken: nobody else is there to change what it waits for. */
export class StuckError extends Error {}

/** While somebody wants to know: the functions that are called. */
let noted: Set<FnInfo> | undefined

/** Runs something, and gives the functions of model code that sequential runs have called on the way. They go step by step meanwhile. */
export function notingCalls(run: () => unknown): ReadonlySet<FnInfo> {
  const outer = noted
  const called = new Set<FnInfo>()
  noted = called
  try {
    run()
    return called
  } finally {
    noted = outer
  }
}

/** Cells are restored by blocks of 1 << BLOCK. */
const BLOCK = 10

/**
 * Runs model code with nobody else around, in its plain form (direct.ts), on a state vector; learns nothing.
 * For programs of system calls (src/fidelity) and for preparing the state that threads start from.
 */
export class Sequential implements Access, Direct {
  readonly access = this
  readonly state: Int32Array
  /** By block: whether one of its cells was set. */
  private readonly touched: Uint8Array
  readonly violations: { oracle: string; message: string }[] = []

  constructor(readonly memory: Memory, readonly context: unknown = undefined, state = Int32Array.from(memory.initial)) {
    this.state = state
    this.touched = new Uint8Array((state.length >> BLOCK) + 1)
  }

  /** As it was: `initial` is what the run started from. */
  restore(initial: Int32Array): void {
    for (let block = this.touched.indexOf(1); block >= 0; block = this.touched.indexOf(1, block + 1)) {
      const first = block << BLOCK
      this.state.set(initial.subarray(first, first + (1 << BLOCK)), first)
    }
    this.touched.fill(0)
  }

  get(cell: Cell): number {
    const value = this.state[cell]
    if (value === undefined) throw new RangeError(`there is no cell ${String(cell)}`)
    return value
  }

  set(cell: Cell, value: number): void {
    const before = this.state[cell]
    if (before === undefined) throw new RangeError(`there is no cell ${String(cell)}`)
    if (!isWord(value)) throw new RangeError(`${String(value)} is written to ${this.memory.names[cell]}: a cell holds a whole number of 32 bits`)
    this.state[cell] = value
    this.touched[cell >> BLOCK] = 1
    if (before === (value | 0)) return
    for (const watcher of this.memory.watchersOf(cell)) watcher(this, cell, before, value | 0)
  }

  violate(oracle: string, message: string): void {
    this.violations.push({ oracle, message })
  }

  reach(): void {}

  note(): void {}

  stuck(step: string, why: string): never {
    throw new StuckError(`${step}: ${why}`)
  }

  /** Runs one call to its end and returns its result. */
  run<T>(code: Steps<T>): T {
    const outer = direct.run
    direct.run = this
    try {
      return this.answer(code) as T
    } finally {
      direct.run = outer
    }
  }

  answer(code: Steps<unknown> | Request): unknown {
    if (code instanceof Step) return take(this, code)
    if (code instanceof Call) return this.call(code)
    if (!('request' in code)) return this.drive(code)
    if (code.request === 'context') return this.context
    return code.request === 'holds' ? false : undefined
  }

  protected call({ fn, args }: Call<unknown>): unknown {
    noted?.add(fn)
    return fn.plain && !noted ? fn.plain(...(args as never[])) : this.drive(fn.body(...(args as never[])))
  }

  /** Runs a generator that the transform has not seen, step by step. */
  protected drive(code: Steps<unknown>): unknown {
    const iterator = code[Symbol.iterator]()
    let resume = (): IteratorResult<Request, unknown> => iterator.next()
    for (;;) {
      direct.run = undefined
      let turn
      try {
        turn = resume()
      } finally {
        direct.run = this
      }
      if (turn.done) return turn.value
      try {
        const result = this.answer(turn.value)
        resume = () => iterator.next(result)
      } catch (error) {
        if (!iterator.throw) throw error
        resume = () => iterator.throw!(error)
      }
    }
  }
}
