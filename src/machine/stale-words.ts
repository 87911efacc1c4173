import type { Access, Cell, Memory } from '../engine/model/memory.js'

/** A remembered entry: its word, and the agents whose invalidation it will not outlive. */
type Entry = readonly [word: number, doomedBy: number]

/**
 * The entries that one agent may still have cached for one address although the tables say something else by now.
 * A set in a few cells, kept sorted so that equal sets are equal states; empty most of the time.
 */
export class StaleWords {
  private readonly words: readonly Cell[]
  private readonly dooms: readonly Cell[]

  /** `covers(a, b)`: whoever may use `b` gains nothing from `a`. */
  constructor(memory: Memory, private readonly name: string, depth: number, private readonly covers: Covers) {
    this.words = memory.cells(`${name}.word`, depth)
    this.dooms = memory.cells(`${name}.doomed`, depth)
  }

  /** The words, in ascending order. */
  list(m: Access): number[] {
    return this.entries(m).map(([word]) => word)
  }

  /** Remembers a word. An earlier entry it covers goes, as the new one outlives it. */
  add(m: Access, word: number): void {
    const before = this.entries(m)
    if (before.some(([old, doomed]) => doomed === 0 && this.covers(word, old))) return
    this.write(m, [...before.filter(([old]) => !this.covers(old, word)), [word, 0]])
  }

  /** Forgets every word for which `keep` does not hold. */
  retain(m: Access, keep: (word: number) => boolean): void {
    if (!m.get(this.words[0]!)) return
    this.write(m, this.entries(m).filter(([word]) => keep(word)))
  }

  clear(m: Access): void {
    if (m.get(this.words[0]!)) this.write(m, [])
  }

  /** Agent `bit` has asked everyone to drop what is cached now. */
  doom(m: Access, bit: number): void {
    if (!m.get(this.words[0]!)) return
    this.write(m, this.entries(m).map(([word, doomed]) => [word, doomed | bit]))
  }

  /** What agent `bit` asked for has happened. */
  complete(m: Access, bit: number): void {
    if (!m.get(this.words[0]!)) return
    this.write(m, this.entries(m).filter(([, doomed]) => !(doomed & bit)))
  }

  private entries(m: Access): Entry[] {
    const result: Entry[] = []
    for (let i = 0; i < this.words.length; i++) {
      const word = m.get(this.words[i]!)
      if (!word) break
      result.push([word, m.get(this.dooms[i]!)])
    }
    return result
  }

  private write(m: Access, entries: Entry[]): void {
    if (entries.length > this.words.length) {
      throw new Error(`${this.name}: more than ${this.words.length} stale entries; raise the machine's staleDepth`)
    }
    entries.sort(([a], [b]) => a - b)
    for (let i = 0; i < this.words.length; i++) {
      m.set(this.words[i]!, entries[i]?.[0] ?? 0)
      m.set(this.dooms[i]!, entries[i]?.[1] ?? 0)
    }
  }
}

export type Covers = (a: number, b: number) => boolean
