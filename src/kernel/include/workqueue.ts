import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Steps } from '../../engine/model/step.js'

/** struct work_struct: a function that a worker is to call. */
export class WorkStruct {
  /** WORK_STRUCT_PENDING_BIT, and whether it is on the list of a pool: queued, and not begun. */
  readonly pending: Cell
  /** A worker is in the function. */
  readonly running: Cell
  /** Set when the driver is loaded, before anything runs. */
  func: (() => Steps<unknown>) | undefined

  constructor(memory: Memory, readonly name: string) {
    this.pending = memory.cell(`${name}.pending`)
    this.running = memory.cell(`${name}.running`)
  }
}

/** In `pending`. */
export const PENDING = 1
export const LISTED = 2

/** kernel/workqueue.c: the works that workers look for, and how many threads there are that may still queue some. */
export class Workqueue {
  readonly users: Cell
  readonly works: WorkStruct[] = []

  constructor(private readonly memory: Memory, users: number) {
    this.users = memory.cell('workqueue.users', users)
  }

  work(name: string): WorkStruct {
    const work = new WorkStruct(this.memory, name)
    this.works.push(work)
    return work
  }
}
