import type { Loaded } from '../engine/learn/loaded.js'

const classOf = (value: unknown): string =>
  (typeof value === 'number' ? (value === 0 ? '0' : value < 0 ? '-' : '+') : typeof value === 'boolean' ? String(value) : typeof value)

/** What steps of model code have come back with, by function, place and class of value: what there is to cover. */
export class Covered {
  /** Lessons and leaves of the search that have been looked at. */
  private lesson = 0
  private leaf = 1

  constructor(private readonly loaded: Loaded) {}

  /** What has been learned since the last time. */
  *fresh(): Generator<string> {
    const { lessons, leaves, automaton } = this.loaded
    while (this.lesson < lessons.length) {
      const { frames, site } = automaton.states[lessons[this.lesson]!]!
      const { result, blocked } = leaves[this.leaf]!
      const fn = frames.at(-1)?.fn
      if (fn?.file) yield `${fn.file} ${fn.name} ${site ? `${site.line}:${site.column}` : ''} ${blocked === undefined ? classOf(result) : 'waits'}`
      this.lesson += 3 + 2 * lessons[this.lesson + 2]!
      this.leaf++
    }
  }
}
