import type { Knowledge, Test } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { Algebra } from './algebra.js'
import { Kind, type TraceEvent } from './events.js'
import { judge } from './judge.js'
import { type LocationOrder, locationOrders } from './location-orders.js'
import { selectTraces } from './select-traces.js'
import { Skeleton } from './skeleton.js'
import type { Trace } from './trace.js'

/** An execution that the model allows. Valid during the visit only, but for its parts. */
export interface Execution {
  readonly traces: readonly Trace[]
  /** All events, numbered through the threads in order, and the thread of each. */
  readonly events: readonly TraceEvent[]
  readonly threadOf: readonly number[]
  /** By location: coherence order and sources of reads. */
  readonly orders: readonly LocationOrder[]
  readonly final: Knowledge
  readonly dataRace: boolean
}

export interface SearchOptions {
  /** Executions for which this is false are passed over, and cut as early as that shows. */
  readonly want: Test
  /** How much work to do at most: one unit per event of each execution judged. */
  readonly limit: number
  /** Called for each allowed execution; the search stops when it returns true. */
  readonly visit: (execution: Execution) => boolean | void
}

/** Leaves the search: enough found, or the limit reached. */
class Stop extends Error {}
const stop = new Stop()

/** With this many ways left for the other locations, a partial execution is judged before going on. */
const WORTH_JUDGING = 4

export interface SearchEnd {
  /** False if the limit came first. */
  readonly complete: boolean
  /** Work done, in units of the limit. */
  readonly work: number
}

/** Enumerates the executions that the model allows, until `visit` or the limit ends it. */
export function searchExecutions(
  program: Program, traces: readonly (readonly Trace[])[], options: SearchOptions,
): SearchEnd {
  const algebras = new Map<number, Algebra>()
  let work = 0
  let complete = true
  const spend = (amount: number): void => {
    work += amount
    if (work <= options.limit) return
    complete = false
    throw stop
  }
  try {
    selectTraces(program, traces, options.want, spend, (chosen) => {
      const n = chosen.reduce((sum, trace) => sum + trace.events.length, 0)
      let algebra = algebras.get(n)
      if (!algebra) algebras.set(n, (algebra = new Algebra(n)))
      const mark = algebra.mark()
      combine(program, new Skeleton(algebra, chosen), chosen, options, spend)
      algebra.release(mark)
    })
  } catch (error) {
    if (!(error instanceof Stop)) throw error
  }
  return { complete, work }
}

/** All ways to put the orders of the single locations together, for one choice of traces. */
function combine(
  program: Program, skeleton: Skeleton, chosen: readonly Trace[], { want, visit }: SearchOptions,
  spend: (amount: number) => void,
): void {
  const { algebra: a, events, threadOf } = skeleton
  const accessed = new Set<number>()
  for (const { kind, location } of events) if ((kind & (Kind.READ | Kind.WRITE)) !== 0) accessed.add(location)
  const ways: LocationOrder[][] = []
  for (const location of accessed) {
    const orders = locationOrders(skeleton, location, program.initial[location]!)
    spend(orders.length)
    if (orders.length === 0) return
    ways.push(orders)
  }
  // Locations with one way only come first: what is forced costs nothing.
  ways.sort((x, y) => x.length - y.length)
  const waysAfter = ways.map((_, k) => ways.slice(k + 1).reduce((product, list) => product * list.length, 1))

  const finals = new Map<number, number>()
  const final: Knowledge = {
    register: (thread, name) => (chosen[thread] ? chosen[thread].registers.get(name) ?? 0 : undefined),
    location: (id) => (accessed.has(id) ? finals.get(id) : program.initial[id]),
  }
  const orders: LocationOrder[] = []
  const com = { rf: a.empty(), co: a.empty(), fr: a.empty() }
  const extend = (k: number): void => {
    if (k === ways.length) {
      spend(events.length)
      const mark = a.mark()
      const { forbidden, dataRace } = judge(skeleton, com)
      a.release(mark)
      if (forbidden === undefined && visit({ traces: chosen, events, threadOf, orders, final, dataRace })) throw stop
      return
    }
    for (const order of ways[k]!) {
      finals.set(order.location, order.final)
      if (want(final) === false) continue
      communicate(skeleton, com, order)
      orders.push(order)
      if (waysAfter[k]! < WORTH_JUDGING || possible()) extend(k + 1)
      orders.pop()
      for (const i of [...order.writes, ...order.readsFrom.map(([read]) => read)]) {
        com.co.fill(0, i * a.words, (i + 1) * a.words)
        com.rf.fill(0, i * a.words, (i + 1) * a.words)
        com.fr.fill(0, i * a.words, (i + 1) * a.words)
      }
    }
    finals.delete(ways[k]![0]!.location)
  }
  const possible = (): boolean => {
    spend(events.length)
    const mark = a.mark()
    const { forbidden } = judge(skeleton, com)
    a.release(mark)
    return forbidden === undefined
  }
  extend(0)
}

/** Adds rf, co and fr of one location. */
function communicate({ algebra: a }: Skeleton, com: Parameters<typeof judge>[1], order: LocationOrder): void {
  const { writes } = order
  for (let i = 0; i < writes.length; i++) {
    for (let j = i + 1; j < writes.length; j++) a.add(com.co, writes[i]!, writes[j]!)
  }
  for (const [read, source] of order.readsFrom) {
    if (source >= 0) a.add(com.rf, source, read)
    for (let i = writes.indexOf(source) + 1; i < writes.length; i++) a.add(com.fr, read, writes[i]!)
  }
}
