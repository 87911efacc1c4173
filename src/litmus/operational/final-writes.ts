import { Kind } from '../lkmm/events.js'
import type { Trace } from '../lkmm/trace.js'
import type { Test } from '../program/evaluate.js'

/** The writes of a location in every run: how many, and how many of them may be the last one. */
export interface FinalWrites {
  readonly all: number
  readonly good: number
  isGood(value: number): boolean
}

/**
 * For each location whose final value `want` speaks of: what its last write may be. Only where all traces of a thread
 * write it alike, so that a machine can tell what is still to come. A run in which no good write is left is lost.
 */
export function finalWrites(traces: readonly (readonly Trace[])[], want: Test): Map<number, FinalWrites> {
  const found = new Map<number, FinalWrites>()
  const written = new Set(traces.flat().flatMap(({ events }) => events.filter(isWrite).map(({ location }) => location)))
  for (const location of written) {
    const isGood = (value: number): boolean =>
      want({ register: () => undefined, location: (id) => (id === location ? value : undefined) }) !== false
    const tally = traces.map((list) => list.map(({ events }) => {
      const values = events.filter((event) => isWrite(event) && event.location === location).map(({ value }) => value)
      return { all: values.length, good: values.filter(isGood).length }
    }))
    const alike = tally.every((list) => list.every(({ all, good }) => all === list[0]!.all && good === list[0]!.good))
    if (!alike) continue
    const all = tally.reduce((sum, list) => sum + list[0]!.all, 0)
    const good = tally.reduce((sum, list) => sum + list[0]!.good, 0)
    if (good < all) found.set(location, { all, good, isGood })
  }
  return found
}

const isWrite = ({ kind }: { kind: number }): boolean => (kind & Kind.WRITE) !== 0
