import type { Dependency } from './locks/dependency.js'
import type { FnInfo } from './model/fn.js'
import type { Interrupt } from './model/lock.js'
import type { Access, Memory } from './model/memory.js'
import type { Violation } from './violation.js'
import type { Steps } from './model/step.js'

/** One thread of a program. */
export interface ThreadSpec {
  readonly name: string
  /** Makes the thread's code. Called again whenever the engine wants to run it from its start. */
  readonly body: () => Steps<unknown>
  /** What `context()` answers in this thread, e.g. the CPU it runs on. */
  readonly context?: object
  /** It need not end: a server, a worker. It may go round for ever, and wait for ever once another thread has ended. Default false. */
  readonly endless?: boolean
  /** Threads of the same group and the same code are interchangeable: memory must not tell them apart. */
  readonly symmetry?: string
}

/** A step as a monitor sees it. */
export interface MonitoredStep {
  /** Of the thread that takes it; undefined for the look at the end. */
  readonly context: object | undefined
  readonly label: string
  /** What the step itself violates. */
  readonly violation: Violation | undefined
  /** The look at the state when all threads have ended. */
  readonly atEnd: boolean
}

/** How the order of locks is looked at. */
export interface LockOrder {
  /** The name under which what is wrong is reported. */
  readonly oracle: string
  readonly interrupts?: readonly Interrupt[]
  /** Orders that everybody relies on, whether a thread of this program takes the locks so or not. */
  readonly known?: readonly Dependency[]
}

/** What the engine explores: a layout of shared state, and threads over it. */
export interface Program {
  readonly memory: Memory
  /** At most 32. */
  readonly threads: readonly ThreadSpec[]
  /** Looks at the state when all threads have ended; may `violate` and `reach`. Pure but for that. */
  readonly atEnd?: (access: Access) => void
  /**
   * Sees every step that is taken, as part of it, and decides what it violates: may keep books in ghost cells, and
   * returns the violation to report, usually the one it is given.
   */
  readonly monitor?: (step: MonitoredStep, access: Access) => Violation | undefined
  /** Locks, as far as steps tell of them, are to be taken in an order that cannot deadlock. */
  readonly lockOrder?: LockOrder
  /** What it means to have called these functions, in words of its own: workers tell it, who learn each for itself. */
  readonly cameBy?: (called: ReadonlySet<FnInfo>) => readonly string[]
  /** Called before model code runs: makes this program the one that module-level state of the model speaks of. */
  readonly activate?: () => void
}
