import type { Access, Cell, Memory } from '../engine/model/memory.js'
import type { FlushRange } from './flush.js'
import type { AddressSpaceView, MmContext, TableView } from './mm-context.js'
import type { Profile } from './profile.js'
import { _PAGE_RW, hardware_present, word_pfn } from './pte.js'
import { StaleWords } from './stale-words.js'
import type { TlbRules } from './tlb-rules.js'
import { points_to_table } from './translation.js'

/** Something that translates addresses and caches translations: a CPU or an IOMMU. */
export interface Translator {
  readonly name: string
  /** This agent in a mask of agents: 1 << n, the n-th of them. */
  readonly bit: number
  /** `MmContext.id` of the address space whose tables it walks; 0 for none. */
  readonly cr3: Cell
  /** Whether the agent now makes no access through translations, though its walker may run (a lazy CPU). */
  idle(m: Access): boolean
}

/** A translation of an address: the leaf word, and the cell it was read from unless it came out of a TLB. */
export interface Leaf {
  readonly word: number
  readonly entry: Cell | undefined
}

/** One address of one address space, and what each agent may have cached for it. */
interface Tracked {
  readonly space: AddressSpaceView
  readonly va: number
  /** By agent. */
  readonly leaves: readonly StaleWords[]
  /** By agent, then by level - 1: words of upper levels in walk caches. */
  readonly walks: readonly (readonly StaleWords[])[]
  /** By agent: words, valid or not, that a walk done ahead may have seen. Empty unless `TlbRules.ahead`. */
  readonly ahead: readonly StaleWords[]
}

/**
 * Runs in the step that puts an entry into the tables while `agent` may still hold `held`, for another page, and one
 * of the two is writable or their contents differ: what break-before-make is there to prevent (Arm ARM, D8.16).
 */
export type ReplaceHook = (m: Access, agent: Translator, va: number, held: number, word: number) => void

/**
 * TLBs and walk caches, as reads that may be stale: an agent may translate an address by any entry that was current
 * at some time since the last invalidation of that address completed on it, while it had the address space loaded. No
 * step fills a TLB. The current entry can always be used; when an entry changes, the old word is remembered for the
 * agents that could have it, in the same step, and a flush forgets it.
 *
 * A right that was added later is not refused by a stale entry: hardware that does so only faults once too often.
 */
export class Tlb {
  readonly replaceHooks: ReplaceHook[] = []
  private readonly tracked: Tracked[] = []
  /** The agent, as a bit, that writes an entry in this step. Only for `TlbRules.ahead`. */
  private readonly writer: Cell

  constructor(
    private readonly memory: Memory,
    private readonly profile: Profile,
    readonly rules: TlbRules,
    private readonly agents: readonly Translator[],
    /** Those that hear each other's broadcast invalidations. */
    private readonly listeners: readonly Translator[],
    private readonly staleDepth: number,
  ) {
    this.writer = memory.ghost('tlb.writer')
  }

  /** How many translations there can be for one address. */
  mostTranslations(space: AddressSpaceView): number {
    return 1 + this.staleDepth * (1 + space.rootLevel + (this.rules.ahead ? 1 : 0))
  }

  /** At set-up: translations of this address are tracked. */
  track(space: AddressSpaceView, va: number): void {
    const words = (agent: Translator, kind: string): StaleWords =>
      new StaleWords(this.memory, `${agent.name}.${kind}[${space.context.name}:${va}]`, this.staleDepth, this.rules.covers)
    this.tracked.push({
      space,
      va,
      leaves: this.agents.map((agent) => words(agent, 'tlb')),
      walks: this.agents.map((agent) =>
        Array.from({ length: this.profile.walkCaches ? space.rootLevel : 0 }, (_, i) => words(agent, `walk${i + 1}`))),
      ahead: this.rules.ahead ? this.agents.map((agent) => words(agent, 'ahead')) : [],
    })
  }

  /** At set-up: a page table, with all its entries. */
  watchTable(table: TableView, entries: readonly Cell[]): void {
    for (const cell of entries) this.memory.watch(cell, (m, _, before) => this.changed(m, table, cell, before))
  }

  /** Every translation of `va` that the agent may use now: first the one in the tables, then stale ones. */
  translations(m: Access, agent: Translator, space: AddressSpaceView, va: number): Leaf[] {
    const current = leafBelow(m, space, va, space.root, space.rootLevel)
    const t = this.tracked.find((t) => t.space === space && t.va === va)
    if (!t) return [current]
    const walked = this.starts(m, t, agent).slice(1).map(({ table, level }) => leafBelow(m, space, va, table, level))
    const held = new Set([...t.leaves[slot(agent)]!.list(m), ...(t.ahead[slot(agent)]?.list(m) ?? [])])
    return [
      current,
      ...[...held].map((word) => ({ word, entry: undefined })),
      ...walked.filter(({ word }) => this.rules.cacheable(word) && !this.allows(current.word, this.rules.cached(word))),
    ]
  }

  /** The agents, as a mask, that now may reach this page through some translation, stale or current. */
  whoCanReach(m: Access, page: Cell): number {
    return this.agentsWith(m, (t, agent) => !agent.idle(m) &&
      this.translations(m, agent, t.space, t.va)
        .some(({ word }) => hardware_present(word) && t.space.page(word, t.va) === page))
  }

  /** The agents, as a mask, whose walker now may read this table, by its walk cache or from the current root. */
  whoCanWalk(m: Access, table: TableView): number {
    return this.agentsWith(m, (t, agent) => this.starts(m, t, agent).some((start) => {
      for (let at: At | undefined = start; at; at = next(m, t, at)) if (at.table === table) return true
      return false
    }))
  }

  /** `agent` drops its translations of the range; with `walks` its cached upper levels too. */
  drop(m: Access, agent: Translator, mm: MmContext, range: FlushRange, walks: boolean): void {
    for (const t of this.of(mm)) {
      const hit = inRange(t, range)
      if (hit) t.leaves[slot(agent)]!.clear(m)
      if (walks && (hit || this.profile.leafFlushDropsWalks)) for (const w of t.walks[slot(agent)]!) w.clear(m)
    }
  }

  /** `by` asks every agent, or itself alone, to drop what it may have cached of the range until now. */
  issue(m: Access, by: Translator, mm: MmContext, range: FlushRange, walks: boolean, itself = false): void {
    for (const t of this.of(mm).filter((t) => inRange(t, range))) {
      for (const agent of itself ? [by] : this.listeners) {
        t.leaves[slot(agent)]!.doom(m, by.bit)
        if (agent !== by) t.ahead[slot(agent)]?.doom(m, by.bit)
        if (walks) for (const words of t.walks[slot(agent)]!) words.doom(m, by.bit)
      }
    }
  }

  /** All that `by` asked for has happened. */
  complete(m: Access, by: Translator): void {
    for (const t of this.tracked) for (const words of [...t.leaves, ...t.walks.flat(), ...t.ahead]) words.complete(m, by.bit)
  }

  /** A barrier of `by` after what it wrote: its own walker sees that. */
  sync(m: Access, by: Translator): void {
    for (const t of this.tracked) for (const words of [...t.leaves, ...t.ahead]) words.sync(m, by.bit)
  }

  /** `agent` synchronises its context: no later access uses a walk that was done before. */
  synchronise(m: Access, agent: Translator): void {
    for (const t of this.tracked) t.ahead[slot(agent)]?.clearSynced(m, agent.bit)
  }

  /**
   * An access of `agent` has faulted: it holds no entry for the address, or drops it (Intel SDM 3A, 4.10.4.1). Not by the
   * letter of the Arm architecture.
   */
  faulted(m: Access, agent: Translator, space: AddressSpaceView, va: number): void {
    if (this.rules.ahead) return
    for (const t of this.tracked) if (t.space === space && t.va === va) t.leaves[slot(agent)]!.clear(m)
  }

  /** `by` writes an entry, knowing that this is one. For `TlbRules.ahead`; elsewhere a plain store does. */
  writeEntry(m: Access, by: Translator, entry: Cell, word: number): void {
    m.set(this.writer, by.bit)
    m.set(entry, word)
    m.set(this.writer, 0)
  }

  /** `agent` is about to load other tables: what it may have cached stays where it is (PCID, ASID). */
  unload(m: Access, agent: Translator): void {
    for (const t of this.tracked) if (loaded(m, t, agent)) this.remember(m, t, agent, t.space.root, t.space.rootLevel, 0)
  }

  /** `agent` has loaded other tables: what equals a current entry need not be remembered. */
  load(m: Access, agent: Translator): void {
    for (const t of this.tracked) if (loaded(m, t, agent)) this.settle(m, t, agent)
  }

  private of(mm: MmContext): Tracked[] {
    return this.tracked.filter((t) => t.space.context === mm)
  }

  private agentsWith(m: Access, test: (t: Tracked, agent: Translator) => boolean): number {
    return this.agents.reduce((mask, agent) =>
      this.tracked.some((t) => loaded(m, t, agent) && test(t, agent)) ? mask | agent.bit : mask, 0)
  }

  /** Where a walk may begin: the root, and every table that a walk cache still points to. */
  private starts(m: Access, t: Tracked, agent: Translator): Start[] {
    const stale = t.walks[slot(agent)]!.flatMap((words, i) => words.entries(m).map(({ word, doomed }) => {
      const table = t.space.table(word)
      return table && { table, level: i, doomed }
    }))
    return [{ table: t.space.root, level: t.space.rootLevel, doomed: 0 }, ...stale.filter((start) => start !== undefined)]
  }

  /** An entry has changed: whoever could walk to it may have cached the old word, and what was below it. */
  private changed(m: Access, table: TableView, cell: Cell, before: number): void {
    for (const t of this.tracked) {
      if (table.entry(t.va) !== cell) continue
      for (const agent of this.agents) {
        if (!loaded(m, t, agent)) continue
        const levels = this.levelsAt(m, t, agent, table)
        for (const [level, doomed] of levels) this.rememberWord(m, t, agent, before, level, doomed)
        if (levels.size === 0) continue
        this.settle(m, t, agent)
        if (this.replaceHooks.length > 0) this.replaced(m, t, agent)
      }
    }
  }

  /**
   * The levels at which walks for the address come by this table; and whose invalidations, asked for already, no such walk outlives,
   * as it begins with what they take away.
   */
  private levelsAt(m: Access, t: Tracked, agent: Translator, table: TableView): ReadonlyMap<number, number> {
    const levels = new Map<number, number>()
    for (const start of this.starts(m, t, agent)) {
      for (let at: At | undefined = start; at; at = at.table === table ? undefined : next(m, t, at)) {
        if (at.table === table) levels.set(at.level, (levels.get(at.level) ?? start.doomed) & start.doomed)
      }
    }
    return levels
  }

  private replaced(m: Access, t: Tracked, agent: Translator): void {
    const { word } = leafBelow(m, t.space, t.va, t.space.root, t.space.rootLevel)
    if (!this.rules.cacheable(word)) return
    const content = (leaf: number): number | undefined => {
      const page = t.space.page(leaf, t.va)
      return page === undefined ? undefined : m.get(page)
    }
    for (const held of t.leaves[slot(agent)]!.list(m)) {
      const matters = ((held | word) & _PAGE_RW) !== 0 || content(held) !== content(word)
      if (word_pfn(held) !== word_pfn(word) && matters) for (const hook of this.replaceHooks) hook(m, agent, t.va, held, word)
    }
  }

  private remember(m: Access, t: Tracked, agent: Translator, table: TableView, level: number, doomed: number): void {
    this.rememberWord(m, t, agent, m.get(table.entry(t.va)), level, doomed)
  }

  private rememberWord(m: Access, t: Tracked, agent: Translator, word: number, level: number, doomed: number): void {
    if (!points_to_table(word, level)) {
      const by = this.rules.ahead ? m.get(this.writer) : 0
      if (this.rules.cacheable(word)) t.leaves[slot(agent)]!.add(m, this.rules.cached(word), by, doomed)
      t.ahead[slot(agent)]?.add(m, word, by, doomed)
      return
    }
    t.walks[slot(agent)]![level - 1]?.add(m, this.rules.cached(word), 0, doomed)
    const table = t.space.table(word)
    if (table) this.remember(m, t, agent, table, level - 1, doomed)
  }

  /** Whether an entry that is in the tables gives whoever may walk them all that `old` does. */
  private allows(current: number, old: number): boolean {
    return this.rules.cacheable(current) && this.rules.covers(old, current)
  }

  /** Forgets what the current entries allow anyway. */
  private settle(m: Access, t: Tracked, agent: Translator): void {
    for (let at: At | undefined = { table: t.space.root, level: t.space.rootLevel }; at; at = next(m, t, at)) {
      const word = m.get(at.table.entry(t.va))
      if (points_to_table(word, at.level)) {
        t.walks[slot(agent)]![at.level - 1]?.retain(m, (old) => word_pfn(old) !== word_pfn(word))
      } else {
        t.leaves[slot(agent)]!.retain(m, (old) => !this.allows(word, old))
        t.ahead[slot(agent)]?.retain(m, (old) => old !== word)
      }
    }
  }
}

interface At {
  readonly table: TableView
  readonly level: number
}

interface Start extends At {
  /** The agents whose invalidation takes this start away, as a mask. */
  readonly doomed: number
}

const slot = (agent: Translator): number => 31 - Math.clz32(agent.bit)
const loaded = (m: Access, t: Tracked, agent: Translator): boolean => m.get(agent.cr3) === t.space.context.id
const inRange = (t: Tracked, range: FlushRange): boolean => t.va >= range.start && t.va < range.end

/** The table one level down on the walk for `t.va`. */
function next(m: Access, t: Tracked, { table, level }: At): At | undefined {
  const word = m.get(table.entry(t.va))
  const below = points_to_table(word, level) ? t.space.table(word) : undefined
  return below && { table: below, level: level - 1 }
}

/** The translation that a walk from here finds in the tables. */
export function leafBelow(m: Access, space: AddressSpaceView, va: number, table: TableView, level: number): Leaf {
  const entry = table.entry(va)
  const word = m.get(entry)
  if (!points_to_table(word, level)) return { word, entry }
  const below = space.table(word)
  return below ? leafBelow(m, space, va, below, level - 1) : { word: 0, entry }
}
