import type { Fence } from '../parse/ast.js'
import { Kind, type TraceEvent } from '../lkmm/events.js'
import type { Trace, TraceFence } from '../lkmm/trace.js'

/** What a thread does next. A read goes on by the value it returns. */
export type ThreadNode =
  | { readonly kind: 'read'; readonly location: number; readonly text: string; readonly next: Map<number, ReadBranch> }
  | { readonly kind: 'event'; readonly event: TraceEvent; next: ThreadNode }
  | { readonly kind: 'fence'; readonly fence: Fence; next: ThreadNode }
  | { readonly kind: 'end'; readonly registers: ReadonlyMap<string, number> }

/** After a read of some value; `write` is the other half of a read-modify-write, part of the same step. */
export interface ReadBranch {
  readonly write: TraceEvent | undefined
  next: ThreadNode
}

const HALVES = Kind.RMW | Kind.LOCK_READ

/** The traces of one thread as a tree that branches on the values read: what a machine runs, step by step. */
export const threadTree = (traces: readonly Trace[]): ThreadNode | undefined =>
  build(traces.map((trace) => ({ trace, fences: trace.fences.filter((fence) => !ofAtomic(trace, fence)) })), 0, 0)

/** The barriers of a read-modify-write are part of it: a machine knows only after the read whether it has them. */
const ofAtomic = ({ events }: Trace, { fence, at }: TraceFence): boolean =>
  fence === 'mb' && [events[at - 1], events[at]].some((event) => event && (event.kind & Kind.RMW) !== 0)

interface Way {
  readonly trace: Trace
  readonly fences: readonly TraceFence[]
}

function build(ways: readonly Way[], at: number, fences: number): ThreadNode | undefined {
  const [first] = ways
  if (!first) return undefined
  const fence = first.fences[fences]
  if (fence?.at === at) return { kind: 'fence', fence: fence.fence, next: build(ways, at, fences + 1)! }
  const event = first.trace.events[at]
  if (!event) return { kind: 'end', registers: first.trace.registers }
  if ((event.kind & Kind.READ) === 0) return { kind: 'event', event, next: build(ways, at + 1, fences)! }
  const next = new Map<number, ReadBranch>()
  for (const value of new Set(ways.map(({ trace }) => trace.events[at]!.value))) {
    const same = ways.filter(({ trace }) => trace.events[at]!.value === value)
    const { events } = same[0]!.trace
    const { kind } = events[at]!
    const whole = (kind & HALVES) !== 0
    next.set(value, {
      write: whole ? events[at + 1]! : undefined,
      next: build(same, at + (whole ? 2 : 1), fences)!,
    })
  }
  return { kind: 'read', location: event.location, text: event.text, next }
}
