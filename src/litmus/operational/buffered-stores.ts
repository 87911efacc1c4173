import { Kind, SYNC } from '../lkmm/events.js'
import type { Trace } from '../lkmm/trace.js'

const STORES = Kind.WRITE | Kind.RCU_UNLOCK | Kind.SRCU_UNLOCK
const DRAINS = Kind.RMW | Kind.LOCK_READ | SYNC

/**
 * The most stores that a thread's buffer can hold, 0 if it needs none: when no read follows a store before the buffer
 * must be empty, a delayed store is no different from a delayed thread.
 */
export const bufferedStores = (traces: readonly Trace[]): number =>
  (traces.some(readsPastStore) ? Math.max(...traces.map(({ events }) => events.filter(isStore).length)) : 0)

function readsPastStore({ events, fences }: Trace): boolean {
  let pending = false
  for (const [i, event] of events.entries()) {
    const drained = (event.kind & DRAINS) !== 0 || fences.some(({ fence, at }) => fence === 'mb' && at === i)
    if (drained) pending = false
    else if (pending && (event.kind & Kind.READ) !== 0) return true
    if (isStore(event) && (event.kind & DRAINS) === 0) pending = true
  }
  return false
}

const isStore = ({ kind }: { kind: number }): boolean => (kind & STORES) !== 0
