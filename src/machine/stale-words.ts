import type { Access, Cell, Memory } from '../engine/model/memory.js'

interface Entry {
  readonly word: number
  /** The agents whose invalidation this entry will not outlive, as a mask. */
  readonly doomed: number
  /** The agent that overwrote it and has not executed a barrier since, as a mask. */
  readonly unsynced: number
}

/** Whether whoever may use `b` gains nothing from `a`. */
export type Covers = (a: number, b: number) => boolean

const UNSYNCED_SHIFT = 16
const DOOMED_MASK = (1 << UNSYNCED_SHIFT) - 1

/**
 * The entries that one agent may still have cached for one address although the tables say something else by now.
 * A set in a few cells, kept sorted so that equal sets are equal states; empty most of the time.
 */
export class StaleWords {
  private readonly words: readonly Cell[]
  private readonly marks: readonly Cell[]

  constructor(memory: Memory, private readonly name: string, depth: number, private readonly covers: Covers) {
    this.words = memory.cells(`${name}.word`, depth, 0, { ghost: true, interest: 'translation' })
    this.marks = memory.cells(`${name}.mark`, depth, 0, { ghost: true, interest: 'translation' })
  }

  /** The words, in ascending order. */
  list(m: Access): number[] {
    return this.entries(m).map(({ word }) => word)
  }

  /**
   * Remembers a word, not 0, that `by` has overwritten, and that outlives none of the invalidations in `doomed`. An earlier entry it
   * covers goes, if the new one outlives it.
   */
  add(m: Access, word: number, by: number, doomed: number): void {
    const before = this.entries(m)
    if (before.some((old) => (old.doomed & ~doomed) === 0 && old.unsynced === by && this.covers(word, old.word))) return
    const outlived = (old: Entry): boolean => (doomed & ~old.doomed) === 0 && this.covers(old.word, word)
    this.write(m, [...before.filter((old) => !outlived(old)), { word, doomed, unsynced: by }])
  }

  /** Forgets every word for which `keep` does not hold. */
  retain(m: Access, keep: (word: number) => boolean): void {
    this.filter(m, ({ word }) => keep(word))
  }

  clear(m: Access): void {
    this.filter(m, () => false)
  }

  /** Agent `bit` has asked everyone to drop what is cached now; what it overwrote itself only if it synced. */
  doom(m: Access, bit: number): void {
    this.map(m, (entry) => (entry.unsynced & bit ? entry : { ...entry, doomed: entry.doomed | bit }))
  }

  /** What agent `bit` asked for has happened. */
  complete(m: Access, bit: number): void {
    this.filter(m, ({ doomed }) => !(doomed & bit))
  }

  /** Agent `bit` has executed a barrier: its walker sees what it wrote. */
  sync(m: Access, bit: number): void {
    this.map(m, (entry) => ({ ...entry, unsynced: entry.unsynced & ~bit }))
  }

  /** Forgets all but what agent `bit` has overwritten and not synced. */
  clearSynced(m: Access, bit: number): void {
    this.filter(m, ({ unsynced }) => (unsynced & bit) !== 0)
  }

  private filter(m: Access, keep: (entry: Entry) => boolean): void {
    if (m.get(this.words[0]!)) this.write(m, this.entries(m).filter(keep))
  }

  private map(m: Access, change: (entry: Entry) => Entry): void {
    if (m.get(this.words[0]!)) this.write(m, this.entries(m).map(change))
  }

  /** All of it, by word. */
  entries(m: Access): Entry[] {
    const result: Entry[] = []
    for (let i = 0; i < this.words.length; i++) {
      const word = m.get(this.words[i]!)
      if (!word) break
      const mark = m.get(this.marks[i]!)
      result.push({ word, doomed: mark & DOOMED_MASK, unsynced: mark >>> UNSYNCED_SHIFT })
    }
    return result
  }

  private write(m: Access, entries: Entry[]): void {
    if (entries.length > this.words.length) {
      throw new Error(`${this.name}: more than ${this.words.length} stale entries; raise the machine's staleDepth`)
    }
    entries.sort((a, b) => a.word - b.word || a.doomed - b.doomed || a.unsynced - b.unsynced)
    for (let i = 0; i < this.words.length; i++) {
      const entry = entries[i]
      m.set(this.words[i]!, entry?.word ?? 0)
      m.set(this.marks[i]!, entry ? entry.doomed | (entry.unsynced << UNSYNCED_SHIFT) : 0)
    }
  }
}
