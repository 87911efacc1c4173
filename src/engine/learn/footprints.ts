import { bufferOf, type Core, Growth } from '../core/core.js'
import { closingCycles, leadingTo } from './cycles.js'
import type { Recorder } from './recorder.js'

/** What footprints say of local states, by the states' keys: to be told to a search in another worker. */
export interface Knowledge {
  /** Which cells can be touched from there on: a bit each, those read before those written. */
  readonly rows: ReadonlyMap<string, Uint32Array>
  readonly successors: ReadonlyMap<string, readonly string[]>
}

/**
 * What each local state's step touches, and what can be touched from there on, kept in the core while the program is
 * learned. Partial-order reduction decides by it.
 */
export class Footprints {
  /** Something grew that a decision may have relied on: the search must be repeated. */
  stale = false
  private readonly successors: Set<number>[] = []
  private readonly predecessors: Set<number>[] = []
  private readonly sticky = new Set<number>()
  private readonly loopAhead = new Set<number>()

  private taught: Knowledge['rows'] = new Map()
  private resumed = false
  private count = 0

  constructor(private readonly core: Core) {}

  /** All that is known; `keys` are those of the local states. */
  knowledge(keys: readonly string[]): Knowledge {
    return {
      rows: new Map(keys.map((key, local) => [key, this.row(local).slice()])),
      successors: new Map(keys.map((key, local) => [key, [...(this.successors[local] ?? [])].map((next) => keys[next]!)])),
    }
  }

  /** Takes over what was learned elsewhere, of the local states known here and of those still to come. */
  teach(rows: Knowledge['rows'], keys: readonly string[]): void {
    this.taught = rows
    keys.forEach((key, local) => this.take(key, local))
  }

  /** Called for each new local state. */
  added(key: string, local: number): void {
    this.count++
    this.take(key, local)
  }

  private take(key: string, local: number): void {
    const known = this.taught.get(key)
    if (!known) return
    const row = this.row(local)
    known.forEach((bits, i) => (row[i]! |= bits))
    if (this.resumed) this.core.relyOn(local)
  }

  /** Whether states that were visited before this pass are not visited again: they may rest on anything that is known or taught. */
  goOn(resumed: boolean): void {
    this.resumed = resumed
    if (resumed) for (let local = 0; local < this.count; local++) this.core.relyOn(local)
  }

  private row(local: number): Uint32Array {
    // Asking for the row may make memory grow, and its buffer another.
    const at = this.core.futureAt(local) >>> 0
    return new Uint32Array(bufferOf(this.core), at, this.core.rowBytes() >> 2)
  }

  /** What was read is in the core already. `next` is negative when the step leads nowhere (it waits, or it violates an oracle). */
  add(local: number, leaf: number, recorder: Recorder, next: number): void {
    this.core.leafReads(leaf, recorder.reads.size)
    for (const cell of recorder.writes.keys()) this.core.leafWrites(leaf, cell)
    const successors = (this.successors[local] ??= new Set())
    let grew = this.core.ownGrows(local, leaf) && this.grows(local, -1)
    if (next >= 0 && !successors.has(next)) {
      successors.add(next)
      ;(this.predecessors[next] ??= new Set()).add(local)
      if (this.grows(local, next)) grew = true
    }
    if (grew) this.spread(local)
  }

  /** Adds what can be touched from `successor` on, or by the step itself. Returns whether that was news. */
  private grows(local: number, successor: number): boolean {
    const growth = this.core.futureGrows(local, successor)
    if (growth === Growth.broken) {
      this.stale = true
      this.core.endSoon()
    }
    return growth !== Growth.none
  }

  private spread(from: number): void {
    const todo = [from]
    for (let local = todo.pop(); local !== undefined; local = todo.pop()) {
      for (const before of this.predecessors[local] ?? []) {
        if (this.grows(before, local)) todo.push(before)
      }
    }
  }

  /**
   * Marks the local states whose step closes a cycle of the automaton, and those from which one can be reached, as far
   * as learned. Returns whether there are new ones.
   */
  markCycles(): boolean {
    const before = this.sticky.size + this.loopAhead.size
    const closing = closingCycles(this.successors)
    for (const local of closing) this.mark(this.sticky, local, () => this.core.setSticky(local))
    for (const local of leadingTo(closing, this.predecessors)) this.mark(this.loopAhead, local, () => this.core.setLoopAhead(local))
    return this.sticky.size + this.loopAhead.size > before
  }

  private mark(marked: Set<number>, local: number, tell: () => void): void {
    if (marked.has(local)) return
    marked.add(local)
    tell()
  }

  /** The local states marked by `markCycles`. */
  get marked(): { readonly sticky: readonly number[]; readonly loopAhead: readonly number[] } {
    return { sticky: [...this.sticky], loopAhead: [...this.loopAhead] }
  }

  /** Takes over what was marked, and whether something had grown, in an earlier search that had learned the same. */
  restore({ sticky, loopAhead }: Footprints['marked'], stale: boolean): void {
    for (const local of sticky) this.mark(this.sticky, local, () => this.core.setSticky(local))
    for (const local of loopAhead) this.mark(this.loopAhead, local, () => this.core.setLoopAhead(local))
    this.stale = stale
  }

  /** Whether some thread can come back to a local state. Without that no run is endless. */
  get cyclic(): boolean {
    this.markCycles()
    return this.sticky.size > 0
  }
}
