import { direct, immediate } from './direct.js'
import { made } from './made.js'
import type { Cell } from './memory.js'
import { type Request, type Steps, suspend } from './step.js'

/** A cell that is a lock, or the name of what orders like one: reclaim, the wait for a fence. */
export type Lock = Cell | string

/** How a lock is taken. Readers share it; a `read` waits behind a writer that waits, a `recursive` one does not. */
export type LockMode = 'write' | 'read' | 'recursive'

/** A thread is about to take a lock. */
export interface Acquire {
  readonly op: 'acquire'
  readonly lock: Lock
  /** The locks that are told apart in orders. Default: from the name of the cell, without numbers. */
  readonly class?: string
  /** Default `write`. */
  readonly mode?: LockMode
  /** It does not wait, so what it holds does not matter. */
  readonly tries?: true
  /** Whether this result of the step means that it has the lock. Default: always. */
  readonly succeeds?: (result: unknown) => boolean
  /** It takes the lock and releases it at once. */
  readonly passes?: true
  /** It does neither with one of these held. */
  readonly unless?: readonly string[]
  /** A class of its own, for the second lock of a class. */
  readonly subclass?: number
  /** With this lock held any number of the class may be taken, in any order. */
  readonly nest?: Lock
  /** Several of the class are held at once by rule: only two of them in both orders are wrong. */
  readonly several?: true
  /** Whoever has it must not sleep. */
  readonly atomic?: true
  /** To take it may sleep. */
  readonly sleeps?: true
  /** Not a lock but a state of the thread, such as interrupts being off: nobody waits for it. */
  readonly mark?: true
}

/** What a step does to the locks its thread holds. */
export type LockOp = Acquire | { readonly op: 'release' | 'downgrade'; readonly lock: Lock } | { readonly op: 'sleep' }

/** Something that comes in between any two steps of a thread, on the same CPU, while none of `off` is held. */
export interface Interrupt {
  readonly lock: string
  readonly off: readonly string[]
}

/** Changes what a thread holds and takes no step. */
export class LockRequest implements Request, Steps<void> {
  readonly request = 'locks'
  constructor(readonly ops: readonly LockOp[]) {
    made.count++
  }

  [Symbol.iterator](): Iterator<Request, void, unknown> {
    return suspend<void>(this)
  }
}

/** Asks whether the thread has a lock, or is in a state. Takes no step. */
export class HoldsRequest implements Request, Steps<boolean> {
  readonly request = 'holds'
  constructor(readonly lock: Lock) {
    made.count++
  }

  [Symbol.iterator](): Iterator<Request, boolean, unknown> {
    return suspend<boolean>(this)
  }
}

export const holding = (lock: Lock): HoldsRequest => (direct.run ? immediate(false) : new HoldsRequest(lock))

/** Says which locks, or what is ordered like locks, the thread takes and releases here. Takes no step. */
export const lockdep = (...ops: readonly LockOp[]): LockRequest => (direct.run ? immediate(undefined) : new LockRequest(ops))
