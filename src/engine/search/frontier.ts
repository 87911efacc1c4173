const CHUNK = 256

/** States waiting to be expanded, first in first out: the words of each, and the number of its node. */
class Queue {
  private readonly chunks: Int32Array[] = []
  private head = 0
  private tail = 0

  constructor(private readonly width: number) {}

  get length(): number {
    return this.tail - this.head
  }

  push(words: Int32Array, node: number): void {
    const slot = this.tail % CHUNK
    if (slot === 0 || this.chunks.length === 0) this.chunks.push(new Int32Array(CHUNK * this.width))
    const chunk = this.chunks[this.chunks.length - 1]!
    chunk.set(words, slot * this.width)
    chunk[slot * this.width + this.width - 1] = node
    this.tail++
  }

  shift(): { words: Int32Array; node: number } {
    const slot = this.head % CHUNK
    const at = slot * this.width
    const chunk = this.chunks[0]!
    const words = chunk.subarray(at, at + this.width - 1)
    this.head++
    if (slot === CHUNK - 1) this.chunks.shift()
    return { words, node: chunk[at + this.width - 1]! }
  }
}

/** States waiting to be expanded, the cheapest first and among those the earliest. Costs are a few distinct integers. */
export class Frontier {
  private readonly queues = new Map<number, Queue>()
  /** The least cost of a state that waits; Infinity when there is none. */
  cheapest = Infinity
  length = 0

  constructor(private readonly words: number) {}

  get bytes(): number {
    return this.length * (this.words + 1) * 4
  }

  push(words: Int32Array, node: number, cost: number): void {
    let queue = this.queues.get(cost)
    if (!queue) this.queues.set(cost, (queue = new Queue(this.words + 1)))
    queue.push(words, node)
    this.cheapest = Math.min(this.cheapest, cost)
    this.length++
  }

  shift(): { words: Int32Array; node: number; cost: number } | undefined {
    if (this.length === 0) return undefined
    const cost = this.cheapest
    const queue = this.queues.get(cost)!
    const first = queue.shift()
    this.length--
    if (queue.length === 0) {
      this.queues.delete(cost)
      this.cheapest = Math.min(Infinity, ...this.queues.keys())
    }
    return { ...first, cost }
  }
}
