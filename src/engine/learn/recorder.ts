import { type Access, type AccessWatcher, type Cell, isWord, type Memory } from '../model/memory.js'
import { Sequence } from '../model/sequence.js'
import { unrun } from '../model/unrun.js'
import type { Violation } from '../violation.js'

/** What a step must not do. */
export class BadAccess extends Error {}

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
    this.checked(cell)
    const value = this.peek(cell)
    this.tell(this.memory.readWatchersOf(cell), cell)
    return value
  }

  private tell(watchers: readonly AccessWatcher[], cell: Cell): void {
    if (!this.watching) for (const watcher of watchers) this.unwatched(() => runs(watcher(this, cell)))
  }

  /** What runs in here may look at everything: nobody is told what it reads. */
  unwatched<T>(run: () => T): T {
    const outer = this.watching
    this.watching = true
    const result = run()
    this.watching = outer
    return result
  }

  private checked(cell: Cell): void {
    if (this.memory.has(cell)) return
    throw new BadAccess(`there is no cell ${shown(cell)}: the program has cells 0 to ${this.memory.size - 1}`)
  }

  private peek(cell: Cell): number {
    const written = this.writes.get(cell)
    if (written !== undefined) return written
    let value = this.reads.get(cell)
    if (value === undefined) this.reads.set(cell, (value = this.state[cell]!))
    return value
  }

  set(cell: Cell, value: number): void {
    this.checked(cell)
    if (!isWord(value)) {
      throw new BadAccess(`it writes ${shown(value)} to ${this.memory.names[cell]}: a cell holds a whole number of 32 bits`)
    }
    if (Sequence.isNumber(value) && !this.memory.options[cell]!.keeps && Sequence.counting(this.memory, value) !== undefined) {
      throw new BadAccess(`it keeps a sequence number in ${this.memory.names[cell]}, which is not made for it: memory.cell(name, 0, { keeps: true })`)
    }
    this.tell(this.memory.writeWatchersOf(cell), cell)
    const watchers = this.memory.watchersOf(cell)
    if (watchers.length === 0) {
      this.writes.set(cell, value | 0)
      return
    }
    const before = this.peek(cell)
    this.writes.set(cell, value | 0)
    if (before === (value | 0)) return
    // Watchers may set ghost cells that others watch; only reads are not watched meanwhile.
    this.unwatched(() => watchers.forEach((watcher) => runs(watcher(this, cell, before, value | 0))))
  }

  /** Whether the other one saw a step do the same. */
  didTheSame(other: Recorder): boolean {
    const same = (a: ReadonlyMap<Cell, number>, b: ReadonlyMap<Cell, number>): boolean =>
      a.size === b.size && [...a].every(([cell, value]) => b.get(cell) === value)
    return same(this.reads, other.reads) && same(this.writes, other.writes)
      && this.violation?.oracle === other.violation?.oracle && this.reached.join() === other.reached.join()
  }

  violate(oracle: string, message: string): void {
    if (typeof oracle !== 'string' || typeof message !== 'string') {
      throw new BadAccess(`it says that ${shown(oracle)} is violated, by ${shown(message)}: give two texts, violate('mine', 'what is wrong')`)
    }
    this.violation ??= { oracle, message }
  }

  reach(name: string): void {
    this.reached.push(name)
  }

  note(text: string): void {
    this.notes.push(text)
  }
}

const shown = (value: unknown): string => (typeof value === 'object' && value !== null ? 'that is an object' : typeof value === 'string' ? JSON.stringify(value) : String(value))

/** A watcher has done its work when it returns. */
function runs(result: unknown): void {
  const what = unrun(result)
  if (what) throw new BadAccess(`a watcher gives ${what}, which nobody runs`)
}
