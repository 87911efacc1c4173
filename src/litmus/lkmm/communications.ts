import type { Relation } from './algebra.js'
import { Kind } from './events.js'
import type { Communication } from './judge.js'
import type { LocationOrder } from './location-orders.js'
import type { Skeleton } from './skeleton.js'

/** rf, co and fr of an execution as it is put together, location by location. */
export class Communications implements Communication {
  readonly rf: Relation
  readonly co: Relation
  readonly fr: Relation
  /** By location, every edge that some order of it can have, and the accesses. */
  private readonly possible = new Map<number, { rf: Edges; co: Edges; fr: Edges }>()
  private readonly all: { rf: Relation; co: Relation; fr: Relation }

  constructor(private readonly skeleton: Skeleton, locations: readonly number[]) {
    const { algebra } = skeleton
    this.rf = algebra.empty()
    this.co = algebra.empty()
    this.fr = algebra.empty()
    this.all = { rf: algebra.empty(), co: algebra.empty(), fr: algebra.empty() }
    for (const location of locations) this.possible.set(location, possibleEdges(skeleton, location))
  }

  put({ writes, readsFrom }: LocationOrder): void {
    const { algebra } = this.skeleton
    for (let i = 0; i < writes.length; i++) {
      for (let j = i + 1; j < writes.length; j++) algebra.add(this.co, writes[i]!, writes[j]!)
    }
    for (const [read, source] of readsFrom) {
      if (source >= 0) algebra.add(this.rf, source, read)
      for (let i = writes.indexOf(source) + 1; i < writes.length; i++) algebra.add(this.fr, read, writes[i]!)
    }
  }

  take({ writes, readsFrom }: LocationOrder): void {
    for (const write of writes) {
      this.clear(this.co, write)
      this.clear(this.rf, write)
    }
    for (const [read] of readsFrom) this.clear(this.fr, read)
  }

  private clear(relation: Relation, event: number): void {
    const { words } = this.skeleton.algebra
    for (let w = event * words; w < (event + 1) * words; w++) relation[w] = 0
  }

  /** What is there, with every edge that the given locations may still add. Valid until the next call. */
  withAllOf(locations: readonly number[]): Communication {
    const { algebra } = this.skeleton
    for (const name of ['rf', 'co', 'fr'] as const) {
      const relation = this.all[name]
      relation.set(this[name])
      for (const location of locations) for (const [from, to] of this.possible.get(location)![name]) algebra.add(relation, from, to)
    }
    return this.all
  }
}

type Edges = readonly (readonly [number, number])[]

/** Every edge between accesses of a location that does not go against program order. */
function possibleEdges({ events, threadOf }: Skeleton, location: number): { rf: Edges; co: Edges; fr: Edges } {
  const accesses = [...events.keys()].filter((i) => events[i]!.location === location)
  const reads = accesses.filter((i) => (events[i]!.kind & Kind.READ) !== 0)
  const writes = accesses.filter((i) => (events[i]!.kind & Kind.WRITE) !== 0)
  const pairs = (from: readonly number[], to: readonly number[]): Edges =>
    from.flatMap((i) => to.filter((j) => i !== j && (threadOf[i] !== threadOf[j] || i < j)).map((j) => [i, j] as const))
  return { rf: pairs(writes, reads), co: pairs(writes, writes), fr: pairs(reads, writes) }
}
