import { Call } from './fn.js'
import type { Access, Cell, Memory } from './memory.js'
import { Blocked, type Request, Step, type Steps } from './step.js'

/** A step of a sequential run that could never be taken: nobody else is there to change what it waits for. */
export class StuckError extends Error {}

/**
 * Runs model code with nobody else around: drives the generators directly over a state vector and learns nothing.
 * For programs of system calls (src/fidelity) and for preparing the state that threads start from.
 */
export class Sequential implements Access {
  readonly state: Int32Array
  readonly violations: { oracle: string; message: string }[] = []

  constructor(readonly memory: Memory, readonly context?: unknown, state = Int32Array.from(memory.initial)) {
    this.state = state
  }

  get(cell: Cell): number {
    return this.state[cell]!
  }

  set(cell: Cell, value: number): void {
    const before = this.state[cell]!
    this.state[cell] = value
    if (before === (value | 0)) return
    for (const watcher of this.memory.watchersOf(cell)) watcher(this, cell, before, value | 0)
  }

  violate(oracle: string, message: string): void {
    this.violations.push({ oracle, message })
  }

  reach(): void {}

  note(): void {}

  /** Runs one call to its end and returns its result. */
  run<T>(code: Steps<T>): T {
    const stack: Iterator<Request, unknown, unknown>[] = [iterate(code)]
    let value: unknown
    for (;;) {
      const turn = stack[stack.length - 1]!.next(value)
      if (turn.done) {
        value = turn.value
        stack.pop()
        if (stack.length === 0) return value as T
        continue
      }
      value = undefined
      const request = turn.value
      if (request instanceof Step) value = this.take(request)
      else if (request instanceof Call) stack.push(iterate(request.fn.body(...(request.args as never[]))))
      else if (request.request === 'context') value = this.context
    }
  }

  private take(step: Step<unknown>): unknown {
    const result = step.apply(this, 0)
    if (result instanceof Blocked) throw new StuckError(`${step.options.label ?? step.kind}: ${result.why}`)
    return result
  }
}

/** The generator behind a call, or the generator itself. */
const iterate = (code: Steps<unknown>): Iterator<Request, unknown, unknown> =>
  (code instanceof Call ? code.fn.body(...(code.args as never[])) : code) [Symbol.iterator]() as Iterator<Request, unknown, unknown>
