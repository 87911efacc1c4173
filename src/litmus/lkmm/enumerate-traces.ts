import { LimitError } from '../litmus-error.js'
import type { Program } from '../program/program.js'
import { THIN_AIR } from '../program/values.js'
import { Kind, type TraceEvent } from './events.js'
import { hidesDependencies } from './hides-dependencies.js'
import { type Supply, ThreadRun } from './thread-run.js'
import type { Trace } from './trace.js'

/** Traces per thread. A thread with more reads than this allows gets a message instead of a search without end. */
export const MAX_TRACES = 20_000

/** The values that one thread writes to each location, over all its traces. */
type Written = Map<number, Set<number>>

/**
 * All traces of all threads. A read returns the thread's own last value or one that another thread writes; which values
 * those are is found by going round until no new ones appear. Counters stop after as many rounds as there are writes that
 * depend on reads, since no value passes a write twice.
 *
 * Where the model overlooks a dependency, a value may be written because it was read from that very write. To find
 * those, the first rounds assume that every location may hold a value out of thin air; then what nobody writes goes.
 */
export function enumerateTraces(program: Program): Trace[][] {
  const invent = program.threads.some(hidesDependencies)
  let written: Written[] = program.threads.map(() => new Map())
  for (let round = 0; ; round++) {
    const traces = tracesGiven(program, written, invent ? [THIN_AIR] : [])
    const now = valuesWritten(traces)
    const settled = sizeOf(now) === sizeOf(written) || round > dependentWrites(traces, invent)
    written = now
    if (!settled) continue
    return invent ? groundedTraces(program, traces) : traces
  }
}

/** Drops, until none is left, the traces that read what nobody writes. New values there are none: it comes to an end. */
function groundedTraces(program: Program, assumed: Trace[][]): Trace[][] {
  for (let allowed = valuesWritten(assumed); ;) {
    const traces = tracesGiven(program, allowed, [])
    const written = within(valuesWritten(traces), allowed)
    if (sizeOf(written) === sizeOf(allowed)) return traces
    allowed = written
  }
}

const within = (written: readonly Written[], allowed: readonly Written[]): Written[] =>
  written.map((map, thread) => new Map([...map].map(([location, values]) =>
    [location, new Set([...values].filter((value) => allowed[thread]!.get(location)?.has(value)))])))

function tracesGiven(program: Program, written: readonly Written[], invented: readonly number[]): Trace[][] {
  return program.threads.map((_, thread) => {
    const known = new Map<number, number[]>()
    return tracesOf(program, thread, (location) => {
      let values = known.get(location)
      if (!values) {
        const set = new Set(invented)
        written.forEach((map, t) => t !== thread && map.get(location)?.forEach((value) => set.add(value)))
        values = [...set]
        known.set(location, values)
      }
      return values
    })
  })
}

function valuesWritten(traces: readonly (readonly Trace[])[]): Written[] {
  return traces.map((list) => {
    const written: Written = new Map()
    for (const { events } of list) {
      for (const { kind, location, value } of events) {
        if ((kind & Kind.WRITE) === 0) continue
        const set = written.get(location)
        if (set) set.add(value)
        else written.set(location, new Set([value]))
      }
    }
    return written
  })
}

const sizeOf = (written: readonly Written[]): number =>
  written.reduce((sum, map) => [...map.values()].reduce((n, set) => n + set.size, sum), 0)

/** The most writes in one execution that may depend on reads: all, where dependencies hide. */
function dependentWrites(traces: readonly (readonly Trace[])[], hidden: boolean): number {
  const depends = ({ kind, data, control, address }: TraceEvent): boolean =>
    (kind & Kind.WRITE) !== 0 && (hidden || (data | control | address) !== 0)
  return traces.reduce((sum, list) => sum + Math.max(0, ...list.map(({ events }) => events.filter(depends).length)), 0)
}

/** Every run of one thread: replays it with the last choice changed until none is left. */
function tracesOf(program: Program, thread: number, supply: Supply): Trace[] {
  const traces: Trace[] = []
  const taken: number[] = []
  const open: number[] = []
  for (let runs = 0; ; runs++) {
    if (runs === MAX_TRACES) {
      throw new LimitError(`P${thread} has more than ${MAX_TRACES} traces: too many reads with too many values`)
    }
    let depth = 0
    const trace = new ThreadRun(program, thread, supply, (candidates) => {
      if (depth === taken.length) {
        taken.push(0)
        open.push(candidates.length)
      }
      return candidates[taken[depth++]!]!
    }).run()
    if (trace) traces.push(trace)
    while (taken.length > 0 && taken[taken.length - 1]! + 1 === open[open.length - 1]!) {
      taken.pop()
      open.pop()
    }
    if (taken.length === 0) return traces
    taken[taken.length - 1]!++
  }
}
