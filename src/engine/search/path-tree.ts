import type { Choice } from './result.js'

/** Remembers how each state was first reached: 6 bytes a state. */
export class PathTree {
  private parents = new Int32Array(1024)
  private choices = new Uint16Array(1024)
  count = 0

  /** Adds a node; the root has parent -1. At most 32 threads and 2,048 alternatives. */
  add(parent: number, { thread, alternative }: Choice): number {
    if (this.count === this.parents.length) {
      const parents = new Int32Array(this.count * 2)
      parents.set(this.parents)
      this.parents = parents
      const choices = new Uint16Array(this.count * 2)
      choices.set(this.choices)
      this.choices = choices
    }
    this.parents[this.count] = parent
    this.choices[this.count] = thread | (alternative << 5)
    return this.count++
  }

  /** The number of choices from the root to a node. */
  depth(node: number): number {
    let depth = 0
    for (let n = node; this.parents[n]! >= 0; n = this.parents[n]!) depth++
    return depth
  }

  /** The choices from the root to a node. */
  path(node: number): Choice[] {
    const path: Choice[] = []
    for (let n = node; this.parents[n]! >= 0; n = this.parents[n]!) {
      path.push({ thread: this.choices[n]! & 31, alternative: this.choices[n]! >> 5 })
    }
    return path.toReversed()
  }

  get bytes(): number {
    return this.parents.byteLength + this.choices.byteLength
  }
}
