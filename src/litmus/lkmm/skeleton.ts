import type { Algebra, EventSet, Relation } from './algebra.js'
import { Kind, MEMORY, SRCU, SYNC, type TraceEvent } from './events.js'
import { THREAD_RELATIONS, type ThreadOrder, type ThreadRelation, threadOrder } from './thread-order.js'
import type { Trace } from './trace.js'

const orders = new WeakMap<Trace, ThreadOrder>()

function orderOf(trace: Trace): ThreadOrder {
  let order = orders.get(trace)
  if (!order) orders.set(trace, (order = threadOrder(trace)))
  return order
}

/**
 * One trace of each thread, put together: the events, numbered through, and all relations that hold whatever reads
 * read from. Initial writes are no events: they come before everything, so that no cycle passes through them.
 */
export class Skeleton {
  readonly events: readonly TraceEvent[]
  readonly threadOf: readonly number[]
  readonly relations: Readonly<Record<ThreadRelation, Relation>>
  /** Pairs of the same thread. */
  readonly internal: Relation
  readonly marked: EventSet
  readonly plain: EventSet
  readonly memory: EventSet
  readonly writes: EventSet
  readonly unlocks: EventSet
  readonly lockWrites: EventSet
  readonly lockReads: EventSet
  readonly hasPlain: boolean
  readonly hasUnlocks: boolean
  readonly hasSync: boolean
  readonly hasAfterUnlockLock: boolean
  readonly hasRmw: boolean
  readonly hasSrcu: boolean
  /** Whether a value can go through memory and be read back by its own thread, with the dependencies it has. */
  readonly carriesData: boolean
  /** Whether what srcu_read_lock() returned goes through memory. */
  readonly carriesSrcu: boolean

  constructor(readonly algebra: Algebra, traces: readonly Trace[]) {
    this.events = traces.flatMap((trace) => trace.events)
    this.threadOf = traces.flatMap((trace) => trace.events.map(() => trace.thread))
    const relations = {} as Record<ThreadRelation, Relation>
    for (const name of THREAD_RELATIONS) relations[name] = algebra.empty()
    this.internal = algebra.empty()
    let offset = 0
    for (const trace of traces) {
      const order = orderOf(trace)
      const n = trace.events.length
      for (const name of THREAD_RELATIONS) {
        const rows = order[name]
        for (let i = 0; i < n; i++) if (rows[i] !== 0) this.place(relations[name], offset + i, offset, rows[i]!)
      }
      for (let i = 0; i < n; i++) this.place(this.internal, offset + i, offset, -1 >>> (32 - n))
      offset += n
    }
    this.relations = relations
    this.marked = this.where((kind) => (kind & Kind.PLAIN) === 0)
    this.plain = this.where((kind) => (kind & Kind.PLAIN) !== 0)
    this.memory = this.where((kind) => (kind & MEMORY) !== 0)
    this.writes = this.where((kind) => (kind & Kind.WRITE) !== 0)
    this.unlocks = this.where((kind) => (kind & Kind.UNLOCK) !== 0)
    this.lockWrites = this.where((kind) => (kind & Kind.LOCK_WRITE) !== 0)
    this.lockReads = this.where((kind) => (kind & Kind.LOCK_READ) !== 0)
    this.hasPlain = this.plain.some((word) => word !== 0)
    this.hasUnlocks = this.unlocks.some((word) => word !== 0)
    this.hasSync = this.events.some(({ kind }) => (kind & SYNC) !== 0)
    this.hasSrcu = this.events.some(({ kind }) => (kind & SRCU) !== 0)
    this.hasRmw = !algebra.isEmpty(relations.rmw)
    this.carriesData = traces.some(readsBack)
    this.carriesSrcu = traces.some(({ events }) => events.some(({ kind, data }) => (kind & Kind.WRITE) !== 0 &&
      events.some((event, i) => (data & (1 << i)) !== 0 && (event.kind & Kind.SRCU_LOCK) !== 0)))
    this.hasAfterUnlockLock = !algebra.isEmpty(relations.afterUnlockLock)
  }

  /** Puts a row of one thread's bits at its place among all events. */
  private place(r: Relation, row: number, offset: number, bits: number): void {
    const at = row * this.algebra.words + (offset >> 5)
    const shift = offset & 31
    r[at]! |= bits << shift
    if (shift !== 0 && at + 1 < r.length && bits >>> (32 - shift) !== 0) r[at + 1]! |= bits >>> (32 - shift)
  }

  /** `r & loc` */
  sameLocation(r: Relation): Relation {
    const { algebra: a, events } = this
    const out = a.empty()
    for (let i = 0; i < events.length; i++) {
      for (let j = 0; j < events.length; j++) {
        if (a.has(r, i, j) && events[i]!.location === events[j]!.location) a.add(out, i, j)
      }
    }
    return out
  }

  where(test: (kind: number) => boolean): EventSet {
    const set = this.algebra.set()
    for (let i = 0; i < this.events.length; i++) if (test(this.events[i]!.kind)) set[i >> 5]! |= 1 << (i & 31)
    return set
  }
}

/** Whether a thread may read what it wrote, and the value was computed from something read. */
const readsBack = ({ events }: Trace): boolean => events.some(({ kind, data, location }, i) =>
  (kind & Kind.WRITE) !== 0 && data !== 0 &&
  events.some((later, j) => j > i && (later.kind & Kind.READ) !== 0 && later.location === location))
