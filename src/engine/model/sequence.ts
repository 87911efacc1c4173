import { direct } from './direct.js'
import type { Access, Cell, Memory } from './memory.js'
import { atomic, load, type Step, type StepOptions } from './step.js'

/** Numbers of sequences: nothing else of a model is as large. */
const BASE = 0x4000_0000
/** Numbers that one sequence has. */
const COUNT = 16

/**
 * A sequence number: it is counted up, remembered, and compared with what was remembered. Counted for ever it would make
 * infinitely many states. But nobody can tell one number from another that nobody remembers any more: the next number is always
 * one that is in no variable of any thread and in no cell that keeps numbers (`CellOptions.keeps`). The engine sees which numbers
 * a thread remembers, as it sees all its live values.
 */
export class Sequence {
  readonly cell: Cell
  private readonly first: number
  /** By number: how many threads remember it. */
  private readonly remembered: readonly Cell[]

  /** `initial` is a number that never comes again. */
  constructor(private readonly memory: Memory, readonly name: string, initial = 0) {
    this.first = BASE + memory.sequences.length * COUNT
    memory.sequences.push(this)
    this.cell = memory.cell(name, initial, { keeps: true, format: (value) => (value === initial ? 'its first number' : `number ${value - this.first}`) })
    this.remembered = memory.cells(`${name} remembered`, COUNT, 0, { ghost: true })
  }

  /** Reads the number. */
  read(options?: StepOptions): Step {
    return load(this.cell, options)
  }

  /** Counts up. Returns the number before. */
  count(options?: StepOptions): Step {
    return atomic(options?.label ?? `${this.name}++`, (m) => {
      const before = m.get(this.cell)
      this.advance(m)
      return before
    }, options)
  }

  /** Counts up from even to odd, or from odd to even: the writer of a seqcount begins, or ends. */
  turn(options?: StepOptions): Step<void> {
    return atomic(options?.label ?? `${this.name}++`, (m) => void this.advance(m, m.get(this.cell) + 1), options)
  }

  /** Counts up within a step, to an even or odd number if it says which. Returns the new number. */
  advance(m: Access, parity?: number): number {
    const next = this.fresh(m, parity)
    m.set(this.cell, next)
    return next
  }

  /** A number that nobody remembers. */
  fresh(m: Access, parity?: number): number {
    const kept = this.memory.keepers.map((cell) => m.get(cell))
    // With nobody else around what the code itself remembers is not known: the number that has not been there for longest.
    const from = direct.run ? m.get(this.cell) - this.first + 1 : 0
    for (let i = 0; i < COUNT; i++) {
      const index = from > 0 ? (from + i) % COUNT : i
      const number = this.first + index
      if (parity !== undefined && (number & 1) !== (parity & 1)) continue
      if (!kept.includes(number) && (direct.run || m.get(this.remembered[index]!) === 0)) return number
    }
    throw new RangeError(`more than ${COUNT} numbers of ${this.name} are remembered at once: a thread keeps numbers that it does not need`)
  }

  /** The cell that counts who remembers a number, if it is one of a sequence. */
  static counting(memory: Memory, number: number): Cell | undefined {
    const sequence = memory.sequences[(number - BASE) >> 4]
    return sequence?.remembered[number - sequence.first]
  }

  /** Whether a value may be a number of some sequence. */
  static isNumber(value: number): boolean {
    return value >= BASE && value < BASE + 0x10_0000
  }
}
