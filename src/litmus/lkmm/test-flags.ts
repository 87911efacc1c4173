import type { Program } from '../program/program.js'
import { Kind, MEMORY } from './events.js'
import type { Trace } from './trace.js'

const LOCKS = Kind.LOCK_READ | Kind.LOCK_WRITE | Kind.UNLOCK | Kind.SRCU_LOCK | Kind.SRCU_UNLOCK | Kind.SYNC_SRCU

/** What herd7 flags whatever the execution: locks that are used as variables (lock.cat). */
export function testFlags({ observed }: Program, traces: readonly (readonly Trace[])[]): string[] {
  const events = traces.flat().flatMap((trace) => trace.events)
  const locks = new Set(events.filter(({ kind }) => (kind & LOCKS) !== 0).map(({ location }) => location))
  const mixed = events.some(({ kind, location }) => (kind & MEMORY) !== 0 && (kind & (LOCKS | Kind.OF_LOCK)) === 0 && locks.has(location))
  const final = observed.some(({ location }) => location >= 0 && locks.has(location))
  return [...(final ? ['lock-final'] : []), ...(mixed ? ['mixed-lock-accesses'] : [])]
}
