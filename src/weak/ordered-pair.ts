import type { Cell } from '../engine/model/memory.js'
import type { Lock, LockMode, LockOp } from '../engine/model/lock.js'
import type { AccessOrder } from './primitive-order.js'
import type { LaneStep, Lanes } from './lane-runs.js'

export type AccessKind = 'read' | 'write' | 'rmw'

export interface Access {
  readonly cell: Cell
  readonly kind: AccessKind
  readonly order: AccessOrder
  readonly label: string
}

/** What is between two accesses, or around them: barriers, sections of locks and of other things that are waited for. */
export type Between =
  | { readonly op: 'barrier'; readonly text: string }
  /** All CPUs, or all that are in a section, are waited for. */
  | { readonly op: 'wait'; readonly for: 'ipi' | 'grace period' }
  | { readonly op: 'begin' | 'end'; readonly lock: Lock; readonly mode: LockMode; readonly mark: boolean }

/** Two accesses of a lane to different cells, the first before the second, and what orders them. */
export interface OrderedPair {
  readonly thread: number
  readonly first: Access
  readonly second: Access
  /** Sections that are open at the first access. */
  readonly open: readonly Extract<Between, { op: 'begin' | 'end' }>[]
  readonly between: readonly Between[]
  /** Whether the lane goes on by what the first access reads. */
  readonly decides: boolean
}

/** All such pairs of a lane on cells that several lanes share, each once for what it is and what orders it. */
export function orderedPairs({ runs, decides }: Lanes, thread: number, shared: ReadonlySet<Cell>): OrderedPair[] {
  const seen = new Set<string>()
  const found = new Map<string, OrderedPair>()
  for (const run of runs[thread]!) {
    const at = [...run.keys()].filter((i) => run[i]!.accesses.some(({ cell }) => shared.has(cell)))
    for (const [n, i] of at.entries()) {
      for (const j of at.slice(n + 1)) {
        const places = `${run[i]!.local} ${run[j]!.local}`
        if (seen.has(places)) continue
        seen.add(places)
        for (const pair of pairsOf(thread, run, i, j, shared, decides)) {
          const key = keyOf(pair)
          if (!found.has(key)) found.set(key, pair)
        }
      }
    }
  }
  return [...found.values()]
}

const keyOf = ({ first, second, open, between, decides }: OrderedPair): string =>
  JSON.stringify([first.cell, first.kind, first.order, second.cell, second.kind, second.order, open, between, decides])

function* pairsOf(
  thread: number, run: readonly LaneStep[], i: number, j: number, shared: ReadonlySet<Cell>, decides: ReadonlySet<number>,
): Iterable<OrderedPair> {
  const open = run[i]!.held.map(({ lock, mode, mark }) => ({ op: 'begin' as const, lock, mode, mark }))
  const between = betweenSteps(run, i, j)
  for (const first of accessesOf(run[i]!, shared)) {
    for (const second of accessesOf(run[j]!, shared)) {
      if (first.cell !== second.cell) {
        yield { thread, first, second, open, between, decides: first.kind !== 'write' && decides.has(run[i]!.local) }
      }
    }
  }
}

const accessesOf = ({ accesses, label }: LaneStep, shared: ReadonlySet<Cell>): Access[] =>
  accesses.filter(({ cell }) => shared.has(cell)).map(({ cell, reads, writes, order }) =>
    ({ cell, kind: reads && writes ? 'rmw' : writes ? 'write' : 'read', order, label }))

function betweenSteps(run: readonly LaneStep[], i: number, j: number): Between[] {
  const items: Between[] = []
  for (let k = i; k <= j; k++) {
    const step = run[k]!
    // The atomic that such a barrier is after is the step before it; the test has it only if it is the first access.
    if (k > i) for (const text of step.barriers) if (BARRIERS.has(text)) items.push({ op: 'barrier', text: text === AFTER_ATOMIC && k > i + 1 ? 'smp_mb()' : text })
    if (k === j) break
    items.push(...lockItems(step.lock))
    if (k === i) continue
    if (step.label.startsWith('<IPI')) items.push({ op: 'wait', for: 'ipi' })
    else if (step.label.startsWith('synchronize_')) items.push({ op: 'wait', for: 'grace period' })
    // A full read-modify-write of anything orders like a barrier.
    else if (step.accesses.some(({ order }) => order === 'full')) items.push({ op: 'barrier', text: 'smp_mb()' })
  }
  return folded(items)
}

const AFTER_ATOMIC = 'smp_mb__after_atomic()'
const BARRIERS = new Set(['smp_mb()', 'smp_rmb()', 'smp_wmb()', AFTER_ATOMIC])

function lockItems(op: LockOp | undefined): Between[] {
  if (op?.op === 'acquire' && !op.passes) return [{ op: 'begin', lock: op.lock, mode: op.mode ?? 'write', mark: op.mark ?? false }]
  return op?.op === 'release' ? [{ op: 'end', lock: op.lock, mode: 'write', mark: false }] : []
}

/** Without sections that begin and end in between, which order what is inside them; one of several full barriers in a row. */
function folded(items: readonly Between[]): Between[] {
  const out: Between[] = []
  for (const item of items) {
    if (item.op === 'end') {
      const begin = out.findLastIndex((earlier) => earlier.op === 'begin' && earlier.lock === item.lock)
      if (begin >= 0) {
        out.splice(begin, 1)
        continue
      }
    }
    const last = out.at(-1)
    if (item.op === 'barrier' && last?.op === 'barrier' && (last.text === 'smp_mb()' || last.text === item.text)) continue
    if (item.op === 'barrier' && item.text === 'smp_mb()' && last?.op === 'barrier') out.pop()
    out.push(item)
  }
  return out
}
