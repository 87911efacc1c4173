import type { Acquire, Interrupt, Lock, LockMode, LockOp } from '../model/lock.js'
import type { Memory } from '../model/memory.js'
import type { Dependency, Place } from './dependency.js'

/** A lock that a thread has. */
export interface Held {
  readonly lock: Lock
  readonly class: string
  readonly mode: LockMode
  readonly atomic: boolean
  readonly mark: boolean
  readonly place: Place
}

/** The locks that a thread has in one of its local states, oldest first. */
export type HeldLocks = readonly Held[]

/** What tells two stacks of locks apart. */
export const heldKey = (held: HeldLocks): string => held.map(({ lock, mode }) => `${lock} ${mode}`).join()

/** What a thread that must not sleep has, if it must not. */
export const atomicOf = (held: HeldLocks): Held | undefined => held.find(({ atomic }) => atomic)

/** What a book holds: dependencies, and those of two locks that may be held together, which count when both orders were seen. */
export interface SeenOrders {
  readonly found: ReadonlyMap<string, Dependency>
  readonly pairs: ReadonlyMap<string, ReadonlyMap<string, Dependency>>
}

/** Whether a thread has, or is in, one of the states that keep it from what the operation is about. */
const isSpared = (held: HeldLocks, { unless = [] }: Acquire): boolean =>
  unless.some((name) => held.some(({ lock }) => lock === name))

/**
 * Which classes of locks were taken while others were held, over all threads. What a thread holds is part of its
 * local state, so each local transition adds what it adds once, when it is learned.
 */
export class LockBook {
  private readonly found = new Map<string, Dependency>()
  /** By two locks of one class that may be held together: wrong if they are taken the other way round as well. */
  private readonly pairs = new Map<string, Map<string, Dependency>>()

  constructor(private readonly memory: Memory, private readonly interrupts: readonly Interrupt[] = []) {}

  /** All that was seen, as plain data. */
  get seen(): SeenOrders {
    return { found: this.found, pairs: this.pairs }
  }

  /** Adds what others have seen of the same program. */
  join({ found, pairs }: SeenOrders): void {
    keepFirst(this.found, found)
    for (const [locks, seen] of pairs) keepFirst(this.pair(locks), seen)
  }

  get dependencies(): readonly Dependency[] {
    const bothWays = [...this.pairs].filter(([pair]) => this.pairs.has(pair.split(' ').toReversed().join(' ')))
    return [this.found, ...bothWays.map(([, found]) => found)].flatMap((found) => [...found.values()])
  }

  /** A thread has come to where it takes a lock, whether it gets it or not. */
  wants(held: HeldLocks, op: LockOp, lane: string, place: Place): void {
    if (op.op !== 'acquire' || op.tries || op.mark || isSpared(held, op)) return
    for (const before of held) {
      if (!before.mark && this.orders(held, before, op)) this.add(before, op, this.classOf(op), lane, place)
    }
  }

  /** What a thread holds after a step; `result` is that of the step. */
  after(held: HeldLocks, op: LockOp, result: unknown, lane: string, place: Place): HeldLocks {
    if (op.op === 'sleep') return held
    if (op.op !== 'acquire') {
      const at = held.findLastIndex(({ lock }) => lock === op.lock)
      if (at < 0) return held
      if (op.op === 'downgrade') return held.with(at, { ...held[at]!, mode: 'read' })
      const rest = held.toSpliced(at, 1)
      if (held[at]!.mark) this.interrupted(rest, lane)
      return rest
    }
    if (op.passes || isSpared(held, op) || (op.succeeds && !op.succeeds(result))) return held
    const { lock, mode = 'write', atomic = false, mark = false } = op
    const now = [...held, { lock, class: this.classOf(op), mode, atomic, mark, place }]
    if (!mark) this.interrupted(now, lane)
    return now
  }

  /** An interrupt may come while a thread holds these. */
  private interrupted(held: HeldLocks, lane: string): void {
    for (const { lock, off } of this.interrupts) {
      if (held.some((other) => typeof other.lock === 'string' && off.includes(other.lock))) continue
      for (const before of held) if (!before.mark) this.add(before, { op: 'acquire', lock }, lock, lane, { label: '<Interrupt>', calls: [] })
    }
  }

  /** Whether having `before` while taking the lock says something about orders. */
  private orders(held: HeldLocks, before: Held, op: Acquire): boolean {
    if (before.class !== this.classOf(op)) return true
    if (op.mode === 'recursive' && before.mode !== 'write') return before.lock !== op.lock && op.several === true
    return before.lock === op.lock || op.nest === undefined || !held.some(({ lock }) => lock === op.nest)
  }

  private add(before: Held, { lock, mode, several }: Acquire, to: string, lane: string, taken: Place): void {
    const dependency = {
      from: before.class, to, shared: before.mode !== 'write', recursive: mode === 'recursive', reading: mode !== undefined && mode !== 'write', lane, held: before.place, taken,
    }
    const found = several && before.class === to && before.lock !== lock ? this.pair(`${before.lock} ${lock}`) : this.found
    keepFirst(found, [[`${before.class} > ${to} ${dependency.shared} ${dependency.recursive}`, dependency]])
  }

  private pair(locks: string): Map<string, Dependency> {
    const found = this.pairs.get(locks) ?? new Map<string, Dependency>()
    this.pairs.set(locks, found)
    return found
  }

  private classOf({ lock, subclass, class: name = this.nameOf(lock) }: Acquire): string {
    return subclass ? `${name}/${subclass}` : name
  }

  private nameOf(lock: Lock): string {
    return typeof lock === 'string' ? lock : `&${this.memory.names[lock]!.replaceAll(/\d+/g, '').replace('.', '->')}`
  }
}

function keepFirst(kept: Map<string, Dependency>, more: Iterable<readonly [string, Dependency]>): void {
  for (const [key, dependency] of more) if (!kept.has(key)) kept.set(key, dependency)
}
