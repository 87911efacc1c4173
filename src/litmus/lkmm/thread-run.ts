import { LimitError } from '../litmus-error.js'
import type { BinaryOp, Expr, Fence, Statement } from '../parse/ast.js'
import type { Program } from '../program/program.js'
import { addressOf, compute, locationAt } from '../program/values.js'
import { Kind, type TraceEvent } from './events.js'
import type { Trace, TraceFence } from './trace.js'

/** A value and the reads it was computed from, as bits. */
interface Tainted {
  readonly value: number
  readonly from: number
}

/** Events per thread: dependencies are masks of 32 bits. */
export const MAX_EVENTS = 31
/** herd7 unrolls loops twice; runs that would go round again are left out, as there. */
const UNROLL = 2

/** Leaves a run that cannot happen: no value to read, a loop too long, a dereference of no address. */
class Dead extends Error {}
const dead = new Dead()

const ORDERED_READ = { plain: Kind.PLAIN, once: 0, acquire: Kind.ACQUIRE, release: 0, full: 0 }
const ORDERED_WRITE = { plain: Kind.PLAIN, once: 0, acquire: 0, release: Kind.RELEASE, full: 0 }
const RCU: Partial<Record<Fence, number>> =
  { 'rcu-lock': Kind.RCU_LOCK, 'rcu-unlock': Kind.RCU_UNLOCK, 'sync-rcu': Kind.SYNC_RCU }

/** Asks which of the values a read can return the run shall take. */
export type Choose = (candidates: readonly number[]) => number

/** The values that threads other than the running one write to a location. */
export type Supply = (location: number) => readonly number[]

/** Runs one thread once, taking the values of its reads from `choose`. */
export class ThreadRun {
  private readonly events: TraceEvent[] = []
  private readonly fences: TraceFence[] = []
  private readonly registers = new Map<string, Tainted>()
  /** Index of the thread's last write to each location. */
  private readonly lastWrite = new Map<number, number>()
  private control = 0
  private text = ''
  private line = 0

  constructor(
    private readonly program: Program,
    private readonly thread: number,
    private readonly supply: Supply,
    private readonly choose: Choose,
  ) {
    for (const [name, value] of program.registers[thread]!) this.registers.set(name, { value, from: 0 })
  }

  /** The trace, or undefined if what was chosen cannot happen. */
  run(): Trace | undefined {
    try {
      this.block(this.program.threads[this.thread]!.body)
    } catch (error) {
      if (error instanceof Dead) return undefined
      throw error
    }
    const registers = new Map<string, number>()
    for (const [name, { value }] of this.registers) registers.set(name, value)
    return { thread: this.thread, events: this.events, fences: this.fences, registers }
  }

  private block(statements: readonly Statement[]): void {
    for (const statement of statements) this.statement(statement)
  }

  private statement({ action, text, line }: Statement): void {
    this.text = text
    this.line = line
    switch (action.kind) {
      case 'assign':
        this.registers.set(action.name, this.evaluate(action.value))
        return
      case 'evaluate':
        this.evaluate(action.value)
        return
      case 'store': {
        const { location, from } = this.address(action.at)
        this.write(ORDERED_WRITE[action.order], location, this.evaluate(action.value), from)
        if (action.order === 'full') this.fence('mb', true)
        return
      }
      case 'fence':
        if (RCU[action.fence]) this.add(RCU[action.fence]!, -1, 0, 0, 0)
        else this.fence(action.fence, false)
        return
      case 'lock':
        this.takeLock(this.address(action.at))
        return
      case 'unlock': {
        const { location, from } = this.address(action.at)
        this.write(Kind.UNLOCK | Kind.RELEASE, location, { value: 0, from: 0 }, from)
        return
      }
      case 'syncSrcu': {
        const { location, from } = this.address(action.at)
        this.add(Kind.SYNC_SRCU, location, 0, from, 0)
        return
      }
      case 'srcuUnlock': {
        const { location, from } = this.address(action.at)
        const token = this.evaluate(action.value)
        this.add(Kind.SRCU_UNLOCK, location, token.value, from, token.from)
        return
      }
      case 'if': {
        const test = this.evaluate(action.test)
        this.under(test.from, test.value === 0 ? action.otherwise : action.body)
        return
      }
      case 'while':
        this.loop(action.test, action.body, 0)
    }
  }

  /** Control dependencies reach as far as the branch does, as in herd7. */
  private under(from: number, statements: readonly Statement[]): void {
    const outer = this.control
    this.control |= from
    this.block(statements)
    this.control = outer
  }

  private loop(test: Expr, body: readonly Statement[], round: number): void {
    const { value, from } = this.evaluate(test)
    if (value === 0) return
    if (round === UNROLL) throw dead
    const outer = this.control
    this.control |= from
    this.block(body)
    this.loop(test, body, round + 1)
    this.control = outer
  }

  private evaluate(expr: Expr): Tainted {
    switch (expr.kind) {
      case 'number': return { value: expr.value, from: 0 }
      case 'name': return this.name(expr.name)
      case 'unary': {
        const { value, from } = this.evaluate(expr.of)
        return { value: expr.op === '-' ? -value : expr.op === '!' ? Number(value === 0) : ~value, from }
      }
      case 'binary': {
        const left = this.evaluate(expr.left)
        const right = this.evaluate(expr.right)
        return { value: compute(expr.op, left.value, right.value), from: left.from | right.from }
      }
      case 'load': return this.read(ORDERED_READ[expr.order], this.address(expr.at))
      case 'xchg': {
        const at = this.address(expr.at)
        const value = this.evaluate(expr.value)
        return this.readModifyWrite(expr.order, at, 0, () => value)
      }
      case 'cmpxchg': return this.compareExchange(expr)
      case 'rmw': return this.fetch(expr)
      case 'addUnless': return this.addUnless(expr)
      case 'trylock': return this.tryLock(this.address(expr.at))
      case 'isLocked': return this.read(Kind.OF_LOCK, this.address(expr.at))
      case 'srcuLock': {
        const { location, from } = this.address(expr.at)
        return { value: 0, from: this.add(Kind.SRCU_LOCK, location, 0, from, 0) }
      }
    }
  }

  private name(name: string): Tainted {
    const register = this.registers.get(name)
    if (register) return register
    const id = this.program.locationIds.get(name)
    return { value: id === undefined ? 0 : addressOf(id), from: 0 }
  }

  private address(expr: Expr): { location: number; from: number } {
    const { value, from } = this.evaluate(expr)
    const location = locationAt(value)
    if (location < 0 || location >= this.program.locations.length) throw dead
    return { location, from }
  }

  private compareExchange(expr: Extract<Expr, { kind: 'cmpxchg' }>): Tainted {
    const at = this.address(expr.at)
    const old = this.evaluate(expr.old)
    const value = this.evaluate(expr.value)
    const seen = this.peek(at.location)
    // A failed one is a relaxed read (Documentation/atomic_t.txt).
    if (seen !== old.value) return this.read(Kind.RMW_FAILED, at, seen)
    return this.readModifyWrite(expr.order, at, old.from, () => value, seen)
  }

  private fetch(expr: Extract<Expr, { kind: 'rmw' }>): Tainted {
    const at = this.address(expr.at)
    const operand = this.evaluate(expr.operand)
    const result = (old: Tainted): Tainted =>
      ({ value: compute(expr.op as BinaryOp, old.value, operand.value), from: old.from | operand.from })
    if (expr.result !== 'noreturn') {
      const old = this.readModifyWrite(expr.order, at, 0, result)
      return expr.result === 'old' ? old : result(old)
    }
    const old = this.read(Kind.NORETURN | Kind.RMW, at)
    this.write(Kind.RMW, at.location, result(old), at.from)
    return old
  }

  private addUnless(expr: Extract<Expr, { kind: 'addUnless' }>): Tainted {
    const at = this.address(expr.at)
    const add = this.evaluate(expr.add)
    const unless = this.evaluate(expr.unless)
    const seen = this.peek(at.location)
    if (seen === unless.value) return { value: 0, from: this.read(Kind.RMW_FAILED, at, seen).from }
    const old = this.readModifyWrite('full', at, unless.from,
      (before) => ({ value: before.value + add.value, from: before.from | add.from }), seen)
    return { value: 1, from: old.from }
  }

  private readModifyWrite(
    order: 'plain' | 'once' | 'acquire' | 'release' | 'full',
    at: { location: number; from: number },
    control: number,
    result: (old: Tainted) => Tainted,
    seen = this.peek(at.location),
  ): Tainted {
    if (order === 'full') this.fence('mb', true)
    const old = this.read(Kind.RMW | (order === 'acquire' ? Kind.ACQUIRE : 0), at, seen)
    const outer = this.control
    this.control |= control
    this.write(Kind.RMW | (order === 'release' ? Kind.RELEASE : 0), at.location, result(old), at.from)
    this.control = outer
    if (order === 'full') this.fence('mb', true)
    return old
  }

  private takeLock(at: { location: number; from: number }): void {
    // A lock that the thread holds already can never be taken (lock.cat: lock-nest).
    const last = this.lastWrite.get(at.location)
    if (last !== undefined && this.events[last]!.value !== 0) throw dead
    if (!this.candidates(at.location).includes(0)) throw dead
    this.read(Kind.LOCK_READ | Kind.ACQUIRE, at, 0)
    this.write(Kind.LOCK_WRITE, at.location, { value: 1, from: 0 }, at.from)
  }

  private tryLock(at: { location: number; from: number }): Tainted {
    const seen = this.peek(at.location)
    if (seen !== 0) return { value: 0, from: this.read(Kind.OF_LOCK, at, seen).from }
    this.takeLock(at)
    return { value: 1, from: 1 << (this.events.length - 2) }
  }

  private candidates(location: number): readonly number[] {
    const last = this.lastWrite.get(location)
    const own = last === undefined ? this.program.initial[location]! : this.events[last]!.value
    const others = this.supply(location)
    return others.includes(own) ? others : [own, ...others]
  }

  /** Decides what the next read of a location returns. */
  private peek(location: number): number {
    return this.choose(this.candidates(location))
  }

  private read(kind: number, at: { location: number; from: number }, value = this.peek(at.location)): Tainted {
    return { value, from: this.add(Kind.READ | kind, at.location, value, at.from, 0) }
  }

  private write(kind: number, location: number, { value, from }: Tainted, address: number): void {
    this.lastWrite.set(location, this.events.length)
    this.add(Kind.WRITE | kind, location, value, address, from)
  }

  private fence(fence: Fence, implied: boolean): void {
    this.fences.push({ fence, at: this.events.length, implied })
  }

  private add(kind: number, location: number, value: number, address: number, data: number): number {
    const index = this.events.length
    if (index >= MAX_EVENTS) {
      throw new LimitError(`P${this.thread} has more than ${MAX_EVENTS} accesses; this checker takes no more`, this.line)
    }
    const { control, text, line } = this
    this.events.push({ kind, location, value, address, data, control, text, line })
    return 1 << index
  }
}
