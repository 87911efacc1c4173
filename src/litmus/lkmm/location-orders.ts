import { LimitError } from '../litmus-error.js'
import { Kind, type TraceEvent } from './events.js'

/** One way the accesses of a location can go: its writes in coherence order and where each read reads from. */
export interface LocationOrder {
  readonly location: number
  readonly writes: readonly number[]
  /** Pairs read, write; -1 for the initial value. */
  readonly readsFrom: readonly (readonly [read: number, write: number])[]
  /** The value left in the end. */
  readonly final: number
}

const MAX_ORDERS = 200_000
const HALVES = Kind.RMW | Kind.LOCK_WRITE

/**
 * All ways that are coherent (acyclic po-loc | rf | co | fr) and atomic (no write between the halves of a
 * read-modify-write). Spinlocks need no more: a lock reads 0 from the write just before its own in coherence order,
 * so critical sections come one after another (lock.cat).
 */
export function locationOrders(
  events: readonly TraceEvent[], threadOf: readonly number[], location: number, initial: number,
): LocationOrder[] {
  const accesses: number[] = []
  const pending: number[][] = []
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    if (event.location !== location || (event.kind & (Kind.READ | Kind.WRITE)) === 0) continue
    accesses.push(i)
    if ((event.kind & Kind.WRITE) !== 0) (pending[threadOf[i]!] ??= []).push(i)
  }
  const found: LocationOrder[] = []
  const order: number[] = []
  const position = new Map<number, number>()
  const total = pending.reduce((sum, list) => sum + list.length, 0)

  const place = (): void => {
    if (order.length === total) {
      readFrom(0, [])
      return
    }
    const last = order[order.length - 1]
    const value = last === undefined ? initial : events[last]!.value
    for (const list of pending) {
      const next = list?.[0]
      if (next === undefined) continue
      if ((events[next]!.kind & HALVES) !== 0 && events[next - 1]!.value !== value) continue
      list!.shift()
      position.set(next, order.push(next) - 1)
      place()
      order.pop()
      list!.unshift(next)
    }
  }

  /** Gives each read a source, in program order; `low` is what the thread has seen so far. */
  const readFrom = (at: number, pairs: (readonly [number, number])[], low = -1): void => {
    if (at === accesses.length) {
      if (found.length === MAX_ORDERS) throw new LimitError('too many accesses to one location')
      const last = order[order.length - 1]
      found.push({
        location, writes: [...order], readsFrom: [...pairs], final: last === undefined ? initial : events[last]!.value,
      })
      return
    }
    const event = accesses[at]!
    const floor = at > 0 && threadOf[accesses[at - 1]!] === threadOf[event] ? low : -1
    const written = position.get(event)
    if (written !== undefined) {
      readFrom(at + 1, pairs, written)
      return
    }
    const half = (events[event]!.kind & (Kind.RMW | Kind.LOCK_READ)) !== 0
    const nextWrite = accesses.find((a, i) => i > at && threadOf[a] === threadOf[event] && position.has(a))
    const below = nextWrite === undefined ? total : position.get(nextWrite)!
    for (let p = half ? below - 1 : floor; p < below; p++) {
      const source = p < 0 ? -1 : order[p]!
      const value = source < 0 ? initial : events[source]!.value
      if (p < floor || value !== events[event]!.value) continue
      pairs.push([event, source])
      readFrom(at + 1, pairs, p)
      pairs.pop()
    }
  }
  place()
  return found
}
