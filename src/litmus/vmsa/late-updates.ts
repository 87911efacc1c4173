import type { Access, Cell, Memory } from '../../engine/model/memory.js'
import { Blocked, Step, type Steps } from '../../engine/model/step.js'
import type { Cpu } from '../../machine/cpu.js'
import type { Machine } from '../../machine/machine.js'

/** What one entry may still look like. */
interface Late {
  /** The CPU (`Cpu.bit`) whose update of the entry may not have reached memory; 0 for none. */
  readonly by: Cell
  /** The entry before that update. */
  readonly before: Cell
}

/**
 * Updates of AF and the dirty state that hardware makes reach memory late: no DMB, dependency or release orders one
 * before what follows, only a full DSB of its own CPU does (herdtools7, aarch64hwreqs.cat: HU begins no relation but
 * DSB-ob). Until then an explicit load may miss it. As the update is atomic
 * with the walk that it belongs to, nothing is written between the two; and once anyone has seen it nobody misses it.
 */
export class LateUpdates {
  private readonly late: ReadonlyMap<Cell, Late>

  constructor(memory: Memory, machine: Machine, entries: readonly Cell[]) {
    this.late = new Map(entries.map((entry) => {
      const name = memory.names[entry]!
      return [entry, { by: memory.ghost(`${name}.late.by`), before: memory.ghost(`${name}.late`) }]
    }))
    // Walks, loads and every step that writes an entry read it first.
    for (const entry of entries) memory.watchReads(entry, (m) => this.arrive(m, entry))
    machine.accessHooks.push((m, { cpu, leaf: { entry, word } }) => {
      if (entry === undefined || m.get(entry) === word) return
      m.set(this.late.get(entry)!.by, cpu.bit)
      m.set(this.late.get(entry)!.before, word)
    })
  }

  /** An explicit load of an entry, its own CPU's too: of what is in the tables, or of what was there before a late update. */
  * load(entry: Cell, label: string): Steps<number> {
    const { by, before } = this.late.get(entry)!
    const attempt = (m: Access, which: number): number | Blocked =>
      which === 0 ? m.get(entry) : m.get(by) ? m.get(before) : new Blocked('no late update')
    return yield* new Step('atomic', undefined, attempt, { order: 'full', label }, 2)
  }

  /** A full DSB of `cpu`: its updates are in memory. */
  sync(m: Access, cpu: Cpu): void {
    for (const [entry, { by }] of this.late) if (m.get(by) === cpu.bit) this.arrive(m, entry)
  }

  /** A TLBI waits for every update (more than the architecture asks for). */
  syncAll(m: Access): void {
    for (const entry of this.late.keys()) this.arrive(m, entry)
  }

  private arrive(m: Access, entry: Cell): void {
    const { by, before } = this.late.get(entry)!
    if (!m.get(by)) return
    m.set(by, 0)
    m.set(before, 0)
  }
}
