import type { Program } from '../program/program.js'
import { Kind } from './events.js'
import type { Candidate } from './select.js'
import type { Trace } from './trace.js'

/** The traces of each thread, with the values that each reads from other threads and those it writes. */
export function traceCandidates(program: Program, traces: readonly (readonly Trace[])[]): Candidate<Trace>[][] {
  const keys = new Map<number, Map<number, number>>()
  let count = 0
  const keyOf = (location: number, value: number): number => {
    let values = keys.get(location)
    if (!values) keys.set(location, (values = new Map()))
    let key = values.get(value)
    if (key === undefined) values.set(value, (key = count++))
    return key
  }
  return traces.map((list) => list.map((trace) => {
    const own = new Map<number, number>()
    const needs = new Set<number>()
    const gives = new Set<number>()
    for (const { kind, location, value } of trace.events) {
      if ((kind & Kind.WRITE) !== 0) {
        own.set(location, value)
        gives.add(keyOf(location, value))
      } else if ((kind & Kind.READ) !== 0 && value !== (own.get(location) ?? program.initial[location])) {
        needs.add(keyOf(location, value))
      }
    }
    return { item: trace, needs: [...needs], gives: [...gives] }
  }))
}

/** Traces as one candidate: it needs what all of them need and gives what any of them gives. */
export function shapeCandidate(traces: readonly Candidate<Trace>[]): Candidate<readonly Candidate<Trace>[]> {
  const [first, ...rest] = traces
  const needs = rest.reduce((common, { needs: own }) => common.filter((key) => own.includes(key)), [...first!.needs])
  return { item: traces, needs, gives: [...new Set(traces.flatMap(({ gives }) => gives))] }
}
