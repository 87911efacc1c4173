import { Kind, MEMORY } from '../lkmm/events.js'
import type { Trace } from '../lkmm/trace.js'

/**
 * The threads, as bits, that must read the initial value of a location, by location: in all their traces the first
 * access is such a read, and nobody writes that value. A run that writes the location before they have read is lost.
 */
export function firstReads(traces: readonly (readonly Trace[])[], initial: readonly number[]): Map<number, number> {
  const masks = new Map<number, number>()
  const events = traces.flat().flatMap((trace) => trace.events)
  for (const [location, value] of initial.entries()) {
    const writes = events.filter((event) => (event.kind & Kind.WRITE) !== 0 && event.location === location)
    if (writes.length === 0 || writes.some((write) => write.value === value)) continue
    let mask = 0
    for (const [thread, list] of traces.entries()) {
      const firsts = list.map((trace) => trace.events.find((e) => e.location === location && (e.kind & MEMORY) !== 0))
      if (firsts.every((first) => first && (first.kind & Kind.READ) !== 0 && first.value === value)) mask |= 1 << thread
    }
    if (mask !== 0) masks.set(location, mask)
  }
  return masks
}
