import type { Fence } from '../parse/ast.js'
import { Kind, SYNC, type TraceEvent } from './events.js'
import type { Trace } from './trace.js'

const BARRIERS: readonly Fence[] = ['barrier', 'rmb', 'wmb', 'mb', 'before-atomic', 'after-atomic']
const BETWEEN = SYNC | Kind.RCU_LOCK | Kind.RCU_UNLOCK | Kind.SRCU_LOCK | Kind.SRCU_UNLOCK | Kind.ACQUIRE | Kind.RELEASE

/**
 * Whether a plain write and a marked access to one location have nothing between them that keeps the compiler from
 * moving one past the other: `mixed-accesses` of linux-kernel.cat.
 */
export function mixesAccesses({ events, fences }: Trace): boolean {
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
