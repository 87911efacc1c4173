import type { Access, Cell, Memory } from '../../engine/model/memory.js'
import { atomic, Blocked, type Step, type Steps } from '../../engine/model/step.js'
import { Kind, SYNC, type TraceEvent } from '../lkmm/events.js'
import type { Program } from '../program/program.js'
import type { FinalWrites } from './final-writes.js'
import type { ThreadNode } from './thread-tree.js'

/** What a store buffer may hold: stores, and the ends of read-side critical sections (location -1 - struct). */
interface Buffer {
  readonly locations: readonly Cell[]
  readonly values: readonly Cell[]
  readonly length: Cell
  readonly done: Cell
}

/** Outermost critical sections begun and ended, by thread; one set for RCU and one for each srcu_struct. */
interface Sections {
  readonly begun: readonly Cell[]
  readonly ended: readonly Cell[]
}

/** RCU itself, beside the srcu_structs, which go by their location. */
export const RCU = -1

export interface MachineOptions {
  /** The srcu_structs in use, by location, and RCU if it is. */
  readonly structs: Iterable<number>
  /** The most entries that each thread's store buffer may hold; 0 for threads that write to memory at once. */
  readonly stores: readonly number[]
  /** What the last write of a location may be; others are not taken. */
  readonly finals: ReadonlyMap<number, FinalWrites>
  /** By location, the threads as bits that must read it before it is written. */
  readonly firstReads: ReadonlyMap<number, number>
}

/** Writes of a location that are still to come, and those of them that may be the last. */
interface Remaining {
  readonly all: Cell
  readonly good: Cell
  readonly isGood: (value: number) => boolean
}

/**
 * Shared memory for an interleaving search: sequentially consistent, or with one store buffer per CPU (x86-TSO).
 * A grace period waits for the critical sections that had begun; their ends reach it in order with their stores.
 */
export class Machine {
  private readonly memoryCells: readonly Cell[]
  private readonly buffers: readonly (Buffer | undefined)[]
  private readonly sections = new Map<number, Sections>()
  private readonly remaining = new Map<number, Remaining>()
  private readonly unread = new Map<number, Cell>()
  private readonly nesting = new Map<number, readonly Cell[]>()

  constructor(program: Program, memory: Memory, { structs, stores, finals, firstReads }: MachineOptions) {
    const threads = program.threads.length
    this.memoryCells = program.locations.map((name, id) => memory.cell(name, program.initial[id]!))
    for (const [location, { all, good, isGood }] of finals) {
      const name = program.locations[location]!
      this.remaining.set(location, {
        all: memory.ghost(`${name}.writes`, all), good: memory.ghost(`${name}.good writes`, good), isGood,
      })
    }
    for (const [location, mask] of firstReads) {
      this.unread.set(location, memory.ghost(`${program.locations[location]!}.unread`, mask))
    }
    this.buffers = stores.map((capacity, thread) => (capacity === 0 ? undefined : {
      locations: memory.cells(`buffer${thread}.at`, capacity),
      values: memory.cells(`buffer${thread}.value`, capacity),
      length: memory.cell(`buffer${thread}.length`),
      done: memory.cell(`buffer${thread}.done`),
    }))
    for (const struct of structs) {
      const name = program.locations[struct] ?? 'rcu'
      this.sections.set(struct, {
        begun: memory.cells(`${name}.begun`, threads), ended: memory.cells(`${name}.ended`, threads),
      })
      this.nesting.set(struct, memory.cells(`${name}.nesting`, threads))
    }
  }

  /** The value of a location once all is done. */
  final(m: Access, location: number): number {
    return m.get(this.memoryCells[location]!)
  }

  /** Runs one thread to its end, which writes `results`. */
  *run(thread: number, root: ThreadNode, results: (m: Access, registers: ReadonlyMap<string, number>) => void): Steps {
    let node = root
    while (node.kind !== 'end') {
      if (node.kind === 'read') {
        node = node.next.get(yield* this.read(thread, node))!.next
      } else {
        if (node.kind === 'event') yield* this.event(thread, node.event)
        else if (node.fence === 'mb') yield* this.drained(thread)
        node = node.next
      }
    }
    const { registers } = node
    yield* atomic('end', (m) => {
      results(m, registers)
      this.finish(m, thread)
    })
  }

  /** Empties the store buffer of a CPU, one entry per step. */
  *drain(thread: number): Steps {
    const { locations, values, length, done } = this.buffers[thread]!
    for (let i = 0; i < locations.length; i++) {
      const more = yield* atomic('store buffer', (m): number | Blocked => {
        const n = m.get(length)
        if (n === 0) return m.get(done) ? 0 : new Blocked('empty')
        const blocked = this.commit(m, thread, m.get(locations[0]!), m.get(values[0]!))
        if (blocked) return blocked
        for (let k = 0; k + 1 < n; k++) {
          m.set(locations[k]!, m.get(locations[k + 1]!))
          m.set(values[k]!, m.get(values[k + 1]!))
        }
        m.set(locations[n - 1]!, 0)
        m.set(values[n - 1]!, 0)
        m.set(length, n - 1)
        return 1
      })
      if (!more) return
    }
  }

  private finish(m: Access, thread: number): void {
    const buffer = this.buffers[thread]
    if (buffer) m.set(buffer.done, 1)
  }

  /** A read of a value that the search leaves out is not taken: it waits for another, or for ever. */
  private read(thread: number, node: Extract<ThreadNode, { kind: 'read' }>): Step {
    const branches = [...node.next.values()]
    const locked = branches.some((branch) => branch.write)
    return atomic(node.text, (m) => {
      if (locked && !this.isDrained(m, thread)) return new Blocked('store buffer')
      const value = this.visible(m, thread, node.location)
      const branch = node.next.get(value)
      if (!branch) return new Blocked('another value')
      const unread = this.unread.get(node.location)
      if (unread !== undefined) m.set(unread, m.get(unread) & ~(1 << thread))
      return (branch.write && this.commit(m, thread, node.location, branch.write.value)) ?? value
    })
  }

  private event(thread: number, { kind, location, value, text }: TraceEvent): Step | Steps {
    if ((kind & Kind.WRITE) !== 0) return atomic(text, (m) => this.store(m, thread, location, value))
    const struct = location < 0 ? RCU : location
    if ((kind & SYNC) !== 0) return this.gracePeriod(thread, struct, text)
    const nesting = this.nesting.get(struct)![thread]!
    const { begun } = this.sections.get(struct)!
    const enter = (kind & (Kind.RCU_LOCK | Kind.SRCU_LOCK)) !== 0
    return atomic(text, (m) => {
      const depth = m.get(nesting) + (enter ? 1 : -1)
      m.set(nesting, depth)
      if (enter && depth === 1) m.set(begun[thread]!, m.get(begun[thread]!) + 1)
      return !enter && depth === 0 ? this.store(m, thread, -2 - struct, 0) : undefined
    })
  }

  private *gracePeriod(thread: number, struct: number, text: string): Steps {
    const { begun, ended } = this.sections.get(struct)!
    const awaited = yield* atomic(text, (m): readonly number[] | Blocked =>
      (this.isDrained(m, thread) ? begun.map((cell) => m.get(cell)) : new Blocked('store buffer')))
    yield* atomic(`${text} ends`, (m) =>
      (ended.some((cell, t) => m.get(cell) < awaited[t]!) ? new Blocked('readers') : undefined))
  }

  private drained(thread: number): Step<void> {
    return atomic('smp_mb()', (m) => (this.isDrained(m, thread) ? undefined : new Blocked('store buffer')))
  }

  private isDrained(m: Access, thread: number): boolean {
    const buffer = this.buffers[thread]
    return !buffer || m.get(buffer.length) === 0
  }

  private visible(m: Access, thread: number, location: number): number {
    const buffer = this.buffers[thread]
    for (let i = buffer ? m.get(buffer.length) - 1 : -1; i >= 0; i--) {
      if (m.get(buffer!.locations[i]!) === location) return m.get(buffer!.values[i]!)
    }
    return m.get(this.memoryCells[location]!)
  }

  private store(m: Access, thread: number, location: number, value: number): Blocked | undefined {
    const buffer = this.buffers[thread]
    if (!buffer) return this.commit(m, thread, location, value)
    const n = m.get(buffer.length)
    m.set(buffer.locations[n]!, location)
    m.set(buffer.values[n]!, value)
    m.set(buffer.length, n + 1)
    return undefined
  }

  /** Lets memory know of a store, or of the end of a critical section. */
  private commit(m: Access, thread: number, location: number, value: number): Blocked | undefined {
    if (location < 0) {
      const ended = this.sections.get(-2 - location)!.ended[thread]!
      m.set(ended, m.get(ended) + 1)
      return undefined
    }
    const unread = this.unread.get(location)
    if (unread !== undefined && m.get(unread) !== 0) return new Blocked('a read')
    const remaining = this.remaining.get(location)
    if (remaining) {
      const isGood = remaining.isGood(value)
      const all = m.get(remaining.all) - 1
      const good = m.get(remaining.good) - Number(isGood)
      if (good === 0 && (all > 0 || !isGood)) return new Blocked('another value')
      m.set(remaining.all, all)
      m.set(remaining.good, good)
    }
    m.set(this.memoryCells[location]!, value)
    return undefined
  }
}
