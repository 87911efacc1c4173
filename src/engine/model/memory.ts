import { UserError } from '../errors.js'
import type { Sequence } from './sequence.js'

declare const cellBrand: unique symbol

/** One word of shared state: its index in the state vector. Values are 32-bit integers. */
export type Cell = number & { readonly [cellBrand]: true }

/**
 * What tables of a run make of a cell. `quiet`: how the program is built, not what happens in it (locks, links of lists, what a CPU has
 * for itself); told where locks are the story. `entry` and `data`, of a page table and of a page: each change is told. `translation`:
 * what a CPU may have cached; who uses or flushes it is told where two of them meet. `said`: the
 * step's own text says what it changes.
 */
export type Interest = 'quiet' | 'entry' | 'data' | 'translation' | 'said'

export interface CellOptions {
  /** Numbers of sequences are kept here (Sequence). */
  keeps?: boolean
  /** Bookkeeping of an oracle, not something the modelled program could read. */
  ghost?: boolean
  /** What accesses to it are to the reader of a run. */
  interest?: Interest
  /** Of flags: the bits whose change is worth telling. `format` gives their names, parted by `|`. */
  toldBits?: number
  /** How a value is written in tables, e.g. `7` as `P W D`. Pure. */
  format?: (value: number) => string
}

/** One for all: a machine has hundreds of thousands of cells. */
const PLAIN: CellOptions = {}
/** For `cells` that tables leave out. */
export const QUIET: CellOptions = { interest: 'quiet' }

/** Runs inside the same atomic step, right after `cell` got a new value. */
export type Watcher = (access: Access, cell: Cell, before: number, after: number) => void

/** Runs inside the same atomic step, when the step reads or writes `cell`. What watchers themselves do is not watched. */
export type AccessWatcher = (access: Access, cell: Cell) => void

/** What a step may do with the shared state while it runs. Everything done through one Access is one atomic step. */
export interface Access {
  get(cell: Cell): number
  set(cell: Cell, value: number): void
  /** The named oracle is violated. The run ends with this step. */
  violate(oracle: string, message: string): void
  /** A `sometimes` condition of this name has been reached. */
  reach(name: string): void
  /** A remark on this step for the table, e.g. `TLB of CPU1 drops va0`. */
  note(text: string): void
}

/** Whether a cell can hold the value: 32 bits, with a sign or without. */
export const isWord = (value: number): boolean => Number.isInteger(value) && value >= -0x8000_0000 && value <= 0xffff_ffff

const NOBODY: readonly never[] = []

/**
 * The layout of a program's shared state: every cell with its name and initial value.
 * Cells are laid out before the threads start; there are no new ones while it runs.
 */
export class Memory {
  readonly names: string[] = []
  readonly initial: number[] = []
  readonly options: CellOptions[] = []
  readonly sequences: Sequence[] = []
  /** The cells that keep numbers of sequences. */
  readonly keepers: Cell[] = []
  private readonly watchers = new Map<Cell, Watcher[]>()
  private readonly readWatchers = new Map<Cell, AccessWatcher[]>()
  private readonly writeWatchers = new Map<Cell, AccessWatcher[]>()

  get size(): number {
    return this.names.length
  }

  cell(name: string, initial = 0, options: CellOptions = PLAIN): Cell {
    if (!isWord(initial)) throw new UserError('bad-cell', `cell ${name} starts with ${String(initial)}`, 'a cell holds a whole number of 32 bits')
    this.initial.push(initial | 0)
    this.options.push(options)
    const cell = (this.names.push(name) - 1) as Cell
    if (options.keeps) this.keepers.push(cell)
    return cell
  }

  ghost(name: string, initial = 0, options: CellOptions = {}): Cell {
    return this.cell(name, initial, { ...options, ghost: true })
  }

  /** A cell that tables of a run leave out: a lock, a link of a list, what a CPU has for itself. */
  quiet(name: string, initial = 0, options: CellOptions = QUIET): Cell {
    return this.cell(name, initial, options === QUIET ? QUIET : { ...options, interest: 'quiet' })
  }

  cells(name: string, count: number, initial = 0, options: CellOptions = PLAIN): Cell[] {
    return Array.from({ length: count }, (_, i) => this.cell(`${name}[${i}]`, initial, options))
  }

  /** Calls `watcher` in every step that changes `cell`. Oracles are written with this. */
  watch(cell: Cell, watcher: Watcher): void {
    this.checked(cell)
    this.watchers.set(cell, [...this.watchersOf(cell), watcher])
  }

  /** Calls `watcher` in every step that reads `cell`. */
  watchReads(cell: Cell, watcher: AccessWatcher): void {
    this.checked(cell)
    this.readWatchers.set(cell, [...this.readWatchersOf(cell), watcher])
  }

  /** Calls `watcher` in every step that writes to `cell`, also what was there. */
  watchWrites(cell: Cell, watcher: AccessWatcher): void {
    this.checked(cell)
    this.writeWatchers.set(cell, [...this.writeWatchersOf(cell), watcher])
  }

  private checked(cell: Cell): void {
    if (!this.has(cell)) throw new UserError('bad-cell', `there is no cell ${String(cell)} to watch`, 'watch what memory.cell() gave')
  }

  has(cell: Cell): boolean {
    return Number.isInteger(cell) && cell >= 0 && cell < this.size
  }

  watchersOf(cell: Cell): readonly Watcher[] {
    return this.watchers.get(cell) ?? NOBODY
  }

  readWatchersOf(cell: Cell): readonly AccessWatcher[] {
    return this.readWatchers.get(cell) ?? NOBODY
  }

  writeWatchersOf(cell: Cell): readonly AccessWatcher[] {
    return this.writeWatchers.get(cell) ?? NOBODY
  }

  format(cell: Cell, value: number): string {
    return this.options[cell]?.format?.(value) ?? String(value)
  }
}
