import { UserError } from '../engine/errors.js'
import type { Access, Cell } from '../engine/model/memory.js'
import { unrun } from '../engine/model/unrun.js'
import { shown } from '../engine/shown.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Observer } from '../kernel/observer.js'
import type { EndCheck } from '../oracles/oracle.js'

/** What is wrong, for the table; nothing, if all is well. */
type Wrong = string | undefined | void

/** What `watch` of an oracle works with. Everything is looked at inside the step that does it. */
export class Watch {
  private readonly looks: EndCheck[] = []

  constructor(private readonly id: string, readonly kernel: Kernel) {}

  /** A cell for the oracle's own books, which the modelled kernel does not see. */
  ghost(name: string, initial = 0): Cell {
    return this.kernel.cells.ghost(name, initial)
  }

  ghosts(name: string, count: number, initial = 0): readonly Cell[] {
    return Array.from({ length: count }, (_, i) => this.ghost(`${name}[${i}]`, initial))
  }

  /** A step gives the cell another value. */
  changes(cell: Cell, look: (m: Access, before: number, after: number) => Wrong): void {
    this.kernel.cells.watch(cell, (m, _, before, after) => this.judge(m, look(m, before, after)))
  }

  /** A step reads the cell, or writes to it, whatever was there. */
  reads(cell: Cell, look: (m: Access) => Wrong): void {
    this.kernel.cells.watchReads(cell, (m) => this.judge(m, look(m)))
  }

  writes(cell: Cell, look: (m: Access) => Wrong): void {
    this.kernel.cells.watchWrites(cell, (m) => this.judge(m, look(m)))
  }

  /** What cells alone do not show (src/kernel/observer.ts): what GUP hands out, what is promised, what invalidations are under way … */
  events(observer: Observer): void {
    this.kernel.observers.push(observer)
  }

  /** All threads have ended. */
  atEnd(look: (m: Access) => Wrong): void {
    this.looks.push((m) => this.judge(m, look(m)))
  }

  /** For an observer: this is wrong. */
  violate(m: Access, what: string): void {
    m.violate(this.id, what)
  }

  look(m: Access): void {
    for (const look of this.looks) look(m)
  }

  private judge(m: Access, wrong: unknown): void {
    if (wrong === undefined || wrong === false) return
    if (typeof wrong === 'string') return m.violate(this.id, wrong)
    throw new UserError('bad-oracle', `oracle ${this.id}: a look gives ${unrun(wrong) ?? shown(wrong)}`, 'give a text that says what is wrong, or nothing')
  }
}

/** An oracle of a race's own. It stands beside O1 to O18. */
export interface OwnOracle<Env = unknown> {
  readonly id: string
  /** Two or three words for tables. Default: the id. */
  readonly name?: string
  /** Says what to look at. `env` is what setup() has given back. */
  readonly watch: (k: Watch, env: Env) => void
}

const names = new Map<string, string>()

/** What tables call an oracle that has been declared. */
export const ownOracleName = (id: string): string | undefined => names.get(id)

/** Declares an oracle for `oracles` of a race. */
export function oracle<Env>(spec: OwnOracle<Env>): OwnOracle<never> {
  if (typeof spec.name === 'string') names.set(spec.id, spec.name)
  return spec as OwnOracle<never>
}
