import type { Fence } from '../parse/ast.js'
import { Kind, MEMORY, SYNC } from './events.js'
import type { Trace } from './trace.js'

/** Rows of bits over the events of one trace, at most 31 of them. */
type Rows = number[]

/** The orderings inside one trace that depend on nothing outside it, by their names in linux-kernel.cat. */
export const THREAD_RELATIONS = [
  'po', 'strongFence', 'nonrwFence', 'fence', 'cumulative', 'wmb', 'anyWmb', 'address', 'data', 'control', 'preserved',
  'unlockLock', 'rmbBefore', 'rmbAfter', 'rcuSection', 'srcuSection', 'afterUnlockLock', 'rmw',
] as const
export type ThreadRelation = (typeof THREAD_RELATIONS)[number]
export type ThreadOrder = Readonly<Record<ThreadRelation, Rows>>

/** `r ; [set]` */
const to = (r: Rows, set: number): Rows => r.map((row) => row & set)

/** `a ; b` */
const seq = (a: Rows, b: Rows): Rows => a.map((row) => {
  let out = 0
  for (let rest = row; rest !== 0; rest &= rest - 1) out |= b[31 - Math.clz32(rest & -rest)]!
  return out
})

/** Computes them. `cumulative`, `wmb` and `preserved` are between marked events only, as the model uses them. */
export function threadOrder(trace: Trace): ThreadOrder {
  const { events } = trace
  const n = events.length
  const all = n === 0 ? 0 : -1 >>> (32 - n)
  const where = (test: (kind: number, i: number) => boolean): number =>
    events.reduce((set, event, i) => (test(event.kind, i) ? set | (1 << i) : set), 0)
  const having = (bits: number): number => where((kind) => (kind & bits) !== 0)
  const rows = (row: (i: number) => number): Rows => events.map((_, i) => row(i))
  const after = (i: number): number => all & (-2 << i)
  const from = (set: number, r: Rows): Rows => rows((i) => (set & (1 << i) ? r[i]! : 0))
  const union = (...rs: Rows[]): Rows => rows((i) => rs.reduce((row, r) => row | r[i]!, 0))

  const po = rows(after)
  const poOrSame = rows((i) => after(i) | (1 << i))
  const none = rows(() => 0)
  const fencerel = (...fences: Fence[]): Rows => {
    const out = [...none]
    for (const { fence, at } of trace.fences) {
      if (fences.includes(fence)) for (let i = 0; i < at; i++) out[i]! |= at < n ? all & (-1 << at) : 0
    }
    return out
  }

  const memory = having(MEMORY)
  const marked = all & ~having(Kind.PLAIN)
  const writes = having(Kind.WRITE)
  const rmbReads = where((kind) => (kind & Kind.READ) !== 0 && (kind & Kind.NORETURN) === 0)
  const rmw = having(Kind.RMW | Kind.RMW_FAILED)
  const unlocks = having(Kind.UNLOCK)
  const lockWrites = having(Kind.LOCK_WRITE)
  const lockReads = having(Kind.LOCK_READ)
  const release = having(Kind.RELEASE)
  const acquire = having(Kind.ACQUIRE)
  const dependencies = (mask: (i: number) => number): Rows => {
    const out = [...none]
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (mask(i) & (1 << j)) out[j]! |= 1 << i
    return out
  }

  const fenced = trace.fences.length > 0
  const anyRmb = fenced ? fencerel('rmb') : none
  const rmb = from(rmbReads, to(anyRmb, rmbReads))
  const anyWmb = fenced ? from(writes, to(fencerel('wmb'), writes)) : none
  const afterUnlockLock = fenced ? from(lockReads, to(fencerel('after-unlock-lock'), memory)) : none
  const mb = !fenced ? none : from(memory, to(union(
    fencerel('mb'),
    seq(to(fencerel('before-atomic'), rmw), poOrSame),
    seq(to(poOrSame, rmw), fencerel('after-atomic')),
    seq(to(poOrSame, lockWrites), fencerel('after-spinlock')),
    seq(to(poOrSame, having(Kind.SRCU_UNLOCK)), fencerel('after-srcu-read-unlock')),
    seq(seq(to(po, unlocks), po), afterUnlockLock),
  ), memory))
  const gp = seq(to(po, having(SYNC)), poOrSame)
  const strongFence = union(mb, gp)
  const poRelease = from(memory, to(po, release))
  const nonrwFence = union(strongFence, poRelease, from(acquire, to(po, memory)))
  const fence = union(nonrwFence, anyWmb, rmb)
  const address = dependencies((i) => events[i]!.address)
  const data = dependencies((i) => events[i]!.data)
  const control = dependencies((i) => events[i]!.control)
  const betweenMarked = (r: Rows): Rows => from(marked, to(r, marked))
  return {
    po, strongFence, nonrwFence, fence, anyWmb, address, data, control, afterUnlockLock,
    cumulative: betweenMarked(union(strongFence, poRelease)),
    wmb: betweenMarked(anyWmb),
    preserved: betweenMarked(union(
      address, to(union(address, data, control), writes), fence, seq(to(address, having(Kind.PLAIN)), anyWmb),
    )),
    unlockLock: seq(seq(to(po, unlocks), to(po, lockReads)), po),
    rmbBefore: from(rmbReads, to(anyRmb, all & ~having(Kind.NORETURN))),
    rmbAfter: from(all & ~having(Kind.NORETURN), to(anyRmb, rmbReads)),
    rcuSection: sections(trace, Kind.RCU_LOCK, Kind.RCU_UNLOCK),
    srcuSection: rows((i) => (events[i]!.kind & Kind.SRCU_LOCK ? data[i]! & where(
      (kind, j) => (kind & Kind.SRCU_UNLOCK) !== 0 && events[j]!.location === events[i]!.location) : 0)),
    rmw: rows((i) => (events[i]!.kind & (Kind.RMW | Kind.LOCK_READ) && events[i]!.kind & Kind.READ ? 1 << (i + 1) : 0)),
  }
}

/** Pairs each unlock with the last open lock: rcu-rscs of linux-kernel.bell. */
function sections({ events }: Trace, lock: number, unlock: number): Rows {
  const rows: Rows = events.map(() => 0)
  const open: number[] = []
  for (const [i, { kind }] of events.entries()) {
    if (kind & lock) open.push(i)
    const start = kind & unlock ? open.pop() : undefined
    if (start !== undefined) rows[start]! |= 1 << i
  }
  return rows
}
