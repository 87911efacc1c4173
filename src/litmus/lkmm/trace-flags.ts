import type { Fence } from '../parse/ast.js'
import { Kind, SYNC, type TraceEvent } from './events.js'
import type { Trace } from './trace.js'

const BARRIERS: readonly Fence[] = ['barrier', 'rmb', 'wmb', 'mb', 'before-atomic', 'after-atomic']
const BETWEEN = SYNC | Kind.RCU_LOCK | Kind.RCU_UNLOCK | Kind.SRCU_LOCK | Kind.SRCU_UNLOCK | Kind.ACQUIRE | Kind.RELEASE

/** What herd7 flags in a thread by itself, as linux-kernel.bell, lock.cat and linux-kernel.cat (7.3) name it. */
export function traceFlags(trace: Trace): string[] {
  const flags: string[] = []
  let depth = 0
  let sleeps = false
  let sleepsInside = false
  const held = new Set<number>()
  for (const { kind, location } of trace.events) {
    if ((kind & Kind.RCU_LOCK) !== 0) depth++
    if ((kind & Kind.SYNC_SRCU) !== 0 && depth > 0) sleeps = true
    if ((kind & Kind.RCU_UNLOCK) !== 0) {
      if (depth === 0) flags.push('unmatched-rcu-unlock')
      else depth--
      if (sleeps) sleepsInside = true
    }
    if ((kind & Kind.LOCK_WRITE) !== 0) held.add(location)
    if ((kind & Kind.UNLOCK) !== 0 && !held.delete(location)) flags.push('unmatched-unlock')
  }
  if (depth > 0) flags.push('unmatched-rcu-lock')
  if (sleepsInside) flags.push('invalid-sleep')
  if (mixesAccesses(trace)) flags.push('mixed-accesses')
  return flags
}

/**
 * Whether a plain write and a marked access to one location have nothing between them that keeps the compiler from
 * moving one past the other: `mixed-accesses` of linux-kernel.cat.
 */
function mixesAccesses({ events, fences }: Trace): boolean {
  const separated = (i: number, j: number): boolean =>
    (events[i]!.kind & Kind.ACQUIRE) !== 0 || (events[j]!.kind & Kind.RELEASE) !== 0 ||
    fences.some(({ fence, at }) => at > i && at <= j && BARRIERS.includes(fence)) ||
    events.slice(i + 1, j).some(({ kind }) => (kind & BETWEEN) !== 0)
  return events.some((first, i) => events.some((second, j) =>
    j > i && first.location === second.location && first.location >= 0 &&
    ((isPlainWrite(first) && isMarked(second)) || (isMarked(first) && isPlainWrite(second))) && !separated(i, j)))
}

const isMarked = ({ kind }: TraceEvent): boolean => (kind & Kind.PLAIN) === 0
const isPlainWrite = ({ kind }: TraceEvent): boolean => (kind & Kind.PLAIN) !== 0 && (kind & Kind.WRITE) !== 0
