import type { Knowledge, Test } from '../program/evaluate.js'
import type { Program } from '../program/program.js'
import { Algebra } from './algebra.js'
import type { TraceEvent } from './events.js'
import { Frame } from './frame.js'
import type { LocationOrder } from './location-orders.js'
import { select } from './select.js'
import { shapesOf } from './shapes.js'
import { shapeCandidate, traceCandidates } from './supply.js'
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
  /** Whether plain accesses of it race. */
  isRacy(): boolean
  /** What else herd7 flags, beyond what is flagged of a trace by itself. */
  flags(): readonly string[]
}

export interface SearchOptions {
  /** Executions for which this is false are passed over, and cut as early as that shows. */
  readonly want: Test
  /** How much work to do at most: one unit per event of each execution judged. */
  readonly limit: number
  /** Every execution is asked for: what can be no more than a beginning is not begun for long. */
  readonly all?: boolean
  /** Called for each allowed execution; the search stops when it returns true. */
  readonly visit: (execution: Execution) => boolean | void
}

/** Leaves the search: enough found, or the limit reached. */
class Stop extends Error {}
const stop = new Stop()

export interface SearchEnd {
  /** False if the limit came first. */
  readonly complete: boolean
  /** Work done, in units of the limit. */
  readonly work: number
}

/** After this part of the limit, what has been explored tells whether the limit can do: it may be wrong by so much. */
const PROBE = 1 / 8
const HOPE = 1 / 2

/** Enumerates the executions that the model allows, until `visit` or the limit ends it. */
export function searchExecutions(
  program: Program, traces: readonly (readonly Trace[])[], { want, limit, all = false, visit }: SearchOptions,
): SearchEnd {
  let work = 0
  let complete = true
  /** The part of all that has been looked at. */
  let explored = 0
  const pass = (part: number): void => {
    explored += part
  }
  let probe = all ? limit * PROBE : limit
  const spend = (amount: number): void => {
    work += amount
    if (work <= probe) return
    if (probe < limit && explored >= PROBE * HOPE) {
      probe = limit
      return
    }
    complete = false
    throw stop
  }
  const algebras = new Map<number, Algebra>()
  const algebraOf = (n: number): Algebra => {
    let algebra = algebras.get(n)
    if (!algebra) algebras.set(n, (algebra = new Algebra(n)))
    return algebra
  }
  const supplies = traceCandidates(program, traces.map((list, thread) => list.filter((trace) => want({
    register: (t, name) => (t === thread ? trace.registers.get(name) ?? 0 : undefined),
    location: () => undefined,
  }) !== false)))
  const shapes = supplies.map((list) => {
    const byTrace = new Map(list.map((candidate) => [candidate.item, candidate]))
    return shapesOf(list.map(({ item }) => item)).map((shape) => shapeCandidate(shape.traces.map((trace) => byTrace.get(trace)!)))
  })
  const chosen = shapes.map(([first]) => first?.item)
  try {
    select(shapes, {
      enter: (thread, shape) => {
        chosen[thread] = shape
        return true
      },
      leave: () => {},
      spend,
      pass,
      visit: (part) => {
        const lists = chosen.map((list) => list!)
        const n = lists.reduce((sum, [first]) => sum + first!.item.events.length, 0)
        const frame = new Frame(program, algebraOf(n), lists, want, spend)
        frame.search((execution) => {
          if (visit(execution)) throw stop
        }, (share) => pass(part * share))
      },
    })
  } catch (error) {
    if (!(error instanceof Stop)) throw error
  }
  return { complete, work }
}
