import type { Access, Cell, Memory } from '../model/memory.js'
import type { Violation } from '../violation.js'

/** Runs a step on a state without changing it, and writes down all it did. */
export class Recorder implements Access {
  /** Cells in the order they were first read, with what was there. */
  readonly reads = new Map<Cell, number>()
  readonly writes = new Map<Cell, number>()
  readonly reached: string[] = []
  readonly notes: string[] = []
  violation: Violation | undefined
  private watching = false

  constructor(private readonly memory: Memory, private readonly state: Int32Array) {}

  get(cell: Cell): number {
    const value = this.peek(cell)
    if (!this.watching) for (const watcher of this.memory.readWatchersOf(cell)) this.unwatched(() => watcher(this, cell))
    return value
  }

  /** What runs in here may look at everything: nobody is told what it reads. */
  unwatched<T>(run: () => T): T {
    const outer = this.watching
    this.watching = true
    const result = run()
    this.watching = outer
    return result
  }

  private peek(cell: Cell): number {
    const written = this.writes.get(cell)
    if (written !== undefined) return written
    let value = this.reads.get(cell)
    if (value === undefined) this.reads.set(cell, (value = this.state[cell]!))
    return value
  }

  set(cell: Cell, value: number): void {
    const watchers = this.memory.watchersOf(cell)
    if (watchers.length === 0) {
      this.writes.set(cell, value | 0)
      return
    }
    const before = this.peek(cell)
    this.writes.set(cell, value | 0)
    if (before === (value | 0)) return
    // Watchers may set ghost cells that others watch; only reads are not watched meanwhile.
    this.unwatched(() => watchers.forEach((watcher) => watcher(this, cell, before, value | 0)))
  }

  violate(oracle: string, message: string): void {
    this.violation ??= { oracle, message }
  }

  reach(name: string): void {
    this.reached.push(name)
  }

  note(text: string): void {
    this.notes.push(text)
  }
}
