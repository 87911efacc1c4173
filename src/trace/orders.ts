import { Loaded } from '../engine/learn/loaded.js'
import type { Access, Cell } from '../engine/model/memory.js'
import type { MonitoredStep, Program } from '../engine/program.js'
import { exhaustive } from '../engine/search/exhaustive.js'
import type { Bounds } from '../engine/search/bounds.js'
import type { Progress } from '../engine/search/result.js'
import { meetings } from './interest.js'
import type { Trace } from './trace.js'

/** A step of a run, told so that it can be found in other runs: the n-th of this text in its lane. */
export interface OrderEvent {
  readonly lane: number
  readonly label: string
  /** 1 for the first. */
  readonly occurrence: number
}

export interface Order {
  readonly first: OrderEvent
  readonly second: OrderEvent
}

/** What is known of the orders between steps of different lanes that a violation depends on. */
export interface Orders {
  /** Every violating run has these. */
  readonly orders: readonly Order[]
  /** Whether every complete run that has these orders violates the oracle: they are what the violation is. Undefined: not established. */
  readonly exact: boolean | undefined
  /** How many orders of the run were looked at, of how many in which its lanes meet. */
  readonly looked: number
  readonly of: number
}

/** How far to look. By states unless seconds are asked for: the same question gets the same answer on any machine. */
export interface OrdersBound {
  /** Of all searches together. */
  readonly states?: number
  readonly seconds?: number
}

const ENOUGH: OrdersBound = { states: 500_000 }

/**
 * Which orders a violation depends on. Each order in which lanes meet in the run is checked by a search over all runs: does the
 * violation ever happen without it? `again` makes the program anew, as it was searched. Undefined for what is no run with an end.
 */
export function* ordersOf(again: () => Program, trace: Trace, bound: OrdersBound = ENOUGH): Generator<Progress, Orders | undefined> {
  const oracle = trace.violation?.oracle
  if (oracle === undefined || trace.loop !== undefined) return undefined
  const left = new Budget(bound)
  const pairs = meetings(trace)
  const needed: { order: Order; steps: readonly [number, number] }[] = []
  for (const [looked, steps] of pairs.entries()) {
    const order = { first: eventAt(trace, steps[0]), second: eventAt(trace, steps[1]) }
    const without = yield* find(watching(again(), [order], oracle, 'violated without'), left)
    if (without === undefined) return { orders: withoutImplied(needed, trace), exact: undefined, looked, of: pairs.length }
    if (!without) needed.push({ order, steps })
  }
  const orders = withoutImplied(needed, trace)
  const escape = yield* find(watching(again(), orders, oracle, 'fine in spite of'), left)
  return { orders, exact: escape === undefined ? undefined : !escape, looked: pairs.length, of: pairs.length }
}

/** What is left of a bound. */
class Budget {
  private states: number
  private readonly deadline: number

  constructor({ states = Infinity, seconds = Infinity }: OrdersBound) {
    this.states = states
    this.deadline = performance.now() + seconds * 1000
  }

  /** The bounds of the next search; undefined when nothing is left. */
  get bounds(): Bounds | undefined {
    const seconds = (this.deadline - performance.now()) / 1000
    if (this.states <= 0 || seconds <= 0) return undefined
    return { ...(this.states < Infinity && { states: this.states }), ...(seconds < Infinity && { seconds }) }
  }

  spend(states: number): void {
    this.states -= states
  }
}

/** Whether the watched run exists; undefined when nothing is left to look. */
function* find(program: Program, left: Budget): Generator<Progress, boolean | undefined> {
  const { bounds } = left
  if (!bounds) return undefined
  const result = yield* exhaustive(new Loaded(program), { ...bounds, all: true })
  left.spend(result.stats.states)
  if (result.verdict === 'violated') return result.found.some((f) => f.violation.oracle === WATCHED)
  return result.verdict === 'holds' ? false : undefined
}

const WATCHED = 'watched run'

function eventAt({ steps }: Trace, at: number): OrderEvent {
  const { lane, label } = steps[at]!
  const occurrence = steps.slice(0, at + 1).filter((step) => step.lane === lane && step.label === label).length
  return { lane, label, occurrence }
}

/** a before b follows from c before d when a is c or earlier in its lane, and d is b or earlier. */
function withoutImplied(needed: readonly { order: Order; steps: readonly [number, number] }[], { steps }: Trace): Order[] {
  const lane = (step: number): number => steps[step]!.lane
  const implied = (x: readonly [number, number]): boolean => needed.some(({ steps: y }) =>
    y !== x && (y[0] !== x[0] || y[1] !== x[1]) && lane(x[0]) === lane(y[0]) && lane(x[1]) === lane(y[1]) && x[0] <= y[0] && y[1] <= x[1])
  return needed.filter(({ steps: pair }) => !implied(pair)).map(({ order }) => order)
}

/**
 * The program with books on the given orders, reporting as its only violation a run that violates the oracle without
 * one of them, or ends well in spite of all of them.
 */
function watching(program: Program, orders: readonly Order[], oracle: string, wanted: 'violated without' | 'fine in spite of'): Program {
  const { memory, threads } = program
  const ran = new Map<string, Cell>()
  for (const { lane, label } of orders.flatMap(({ first, second }) => [first, second])) {
    const key = `${lane} ${label}`
    if (!ran.has(key)) ran.set(key, memory.ghost(`ran ${key}`))
  }
  /** Counting goes no further than anyone looks, so that loops still close. */
  const latest = Math.max(0, ...orders.flatMap(({ first, second }) => [first.occurrence, second.occurrence]))
  /** 0 while neither step has run, 1 when the first of the order ran first, 2 when the other did. */
  const came = orders.map((_, i) => memory.ghost(`order ${i}`))
  const violated = memory.ghost('violated')
  const isEvent = (event: OrderEvent, lane: number, label: string, count: number): boolean =>
    event.lane === lane && event.label === label && event.occurrence === count
  const keepBooks = (m: Access, lane: number, label: string): void => {
    const cell = ran.get(`${lane} ${label}`)
    if (cell === undefined) return
    const count = Math.min(m.get(cell) + 1, latest + 1)
    m.set(cell, count)
    orders.forEach(({ first, second }, i) => {
      const which = isEvent(first, lane, label, count) ? 1 : isEvent(second, lane, label, count) ? 2 : 0
      if (which !== 0 && m.get(came[i]!) === 0) m.set(came[i]!, which)
    })
  }
  const monitor = ({ context, label, violation, atEnd }: MonitoredStep, m: Access) => {
    const lane = threads.findIndex((thread) => thread.context === context)
    if (!atEnd) keepBooks(m, lane, label)
    const hit = violation?.oracle === oracle
    if (hit) m.set(violated, 1)
    const inOrder = came.every((cell) => m.get(cell) === 1)
    const report = wanted === 'violated without' ? hit && !inOrder : atEnd && inOrder && m.get(violated) === 0
    return report ? { oracle: WATCHED, message: '' } : undefined
  }
  return { ...program, atEnd: program.atEnd ?? (() => undefined), monitor }
}
