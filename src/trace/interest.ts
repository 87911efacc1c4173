import type { Trace, TraceStep } from './trace.js'

/** Cells that say more of how the kernel is built than of what happened: locks, links, flags of a CPU. */
export const QUIET_CELL = /(\.|_)(ptl|lock|rwsem|sem|lru|compound_head|mapping|next|table|irqs_off|free)$|^free_|^cpu\d/
/** Of page flags, those that tell a story. */
const LOUD_FLAGS = /anon_exclusive|dirty|swapbacked|writeback/

/** Steps that only tell the oracles something. */
export const isBookkeeping = ({ label }: TraceStep): boolean => /^(\(|reach )/.test(label)

/** Changes of page tables are the backbone of any story here. */
const ENTRY = /\.(s?pte|pmd|pud|tlb)\[/

interface Touch {
  readonly step: number
  readonly lane: number
  readonly writes: boolean
}

/**
 * The steps of a run that a reader needs. Of the accesses to a cell, seen as turns of the lanes: where a turn with a
 * write meets another lane's turn, what was last written or read before, and what is first touched after. A lane's
 * own ups and downs within its turn are left out.
 */
export function interestingSteps(trace: Trace, withLocks: boolean): Set<number> {
  const remarks = trace.steps.flatMap((step, i) => (step.notes.length > 0 ? [i] : []))
  const entries = [...touchesByCell(trace, withLocks)].filter(([cell]) => ENTRY.test(cell))
    .flatMap(([, touches]) => touches.filter((touch) => touch.writes).map((touch) => touch.step))
  return new Set([...remarks, ...entries, ...meetings(trace, withLocks).flat()])
}

/** Pairs of steps, in the order they happened, in which one lane's access to a cell meets another's. */
export function meetings(trace: Trace, withLocks = false): (readonly [number, number])[] {
  const pairs = new Map<string, readonly [number, number]>()
  for (const touches of touchesByCell(trace, withLocks).values()) {
    const turns = turnsOf(touches)
    turns.slice(1).forEach((turn, i) => {
      for (const pair of meeting(turns[i]!, turn)) pairs.set(pair.join(), pair)
    })
  }
  return [...pairs.values()].toSorted((x, y) => x[0] - y[0] || x[1] - y[1])
}

/** Consecutive accesses by one lane. */
function turnsOf(touches: readonly Touch[]): Touch[][] {
  const turns: Touch[][] = []
  for (const touch of touches) {
    const turn = turns[turns.length - 1]
    if (turn && turn[0]!.lane === touch.lane) turn.push(touch)
    else turns.push([touch])
  }
  return turns
}

function meeting(before: readonly Touch[], after: readonly Touch[]): (readonly [number, number])[] {
  const wrote = before.findLast((touch) => touch.writes)
  const writes = after.find((touch) => touch.writes)
  const read = writes && before.findLast((touch) => !touch.writes)
  return [
    ...(wrote ? [[wrote.step, after[0]!.step] as const] : []),
    ...(read ? [[read.step, writes.step] as const] : []),
  ]
}

function touchesByCell(trace: Trace, withLocks: boolean): Map<string, Touch[]> {
  const byCell = new Map<string, Touch[]>()
  trace.steps.forEach((step, i) => {
    if (isBookkeeping(step)) return
    const touched = new Map<string, boolean>()
    for (const { cell, ghost } of step.reads) if (!ghost) touched.set(cell, false)
    for (const change of step.writes) if (!change.ghost && isLoud(change.cell, change.before, change.value)) touched.set(change.cell, true)
    for (const [cell, writes] of touched) {
      if (QUIET_CELL.test(cell) && !withLocks) continue
      if (!byCell.has(cell)) byCell.set(cell, [])
      byCell.get(cell)!.push({ step: i, lane: step.lane, writes })
    }
  })
  return byCell
}

const isFlags = (cell: string): boolean => cell.endsWith('.flags')

const isLoud = (cell: string, before: string, after: string): boolean => !isFlags(cell) || (after !== '0' && LOUD_FLAGS.test(flagChanges(before, after)))

/** `+lru -locked`: what changed between two lists of flags. */
function flagChanges(before: string, after: string): string {
  const [old, now] = [before.split('|'), after.split('|')]
  const added = now.filter((flag) => !old.includes(flag) && flag !== '0').map((flag) => `+${flag}`)
  const gone = old.filter((flag) => !now.includes(flag) && flag !== '0').map((flag) => `-${flag}`)
  return [...added, ...gone].join(' ')
}

/** Cells that more than one lane touches. */
export function sharedCells({ steps }: Trace): Set<string> {
  const lanes = new Map<string, number>()
  for (const { lane, reads, writes } of steps) for (const { cell } of [...reads, ...writes]) lanes.set(cell, (lanes.get(cell) ?? 0) | (1 << lane))
  return new Set([...lanes].filter(([, mask]) => (mask & (mask - 1)) !== 0).map(([cell]) => cell))
}

/** More effects of one step are told by those that another lane may notice. */
const MANY_EFFECTS = 3

/** What a step changed, in words; only loud changes of cells that matter unless `all`. */
export function effectsOf(step: TraceStep, all: boolean, shared: ReadonlySet<string>): string[] {
  const loud = step.writes.filter(({ cell, ghost, before, value }) => !ghost && (all || (!QUIET_CELL.test(cell) && isLoud(cell, before, value))))
  const told = all || loud.length <= MANY_EFFECTS ? loud : loud.filter(({ cell }) => shared.has(cell)).slice(0, MANY_EFFECTS)
  const words = told.map(({ cell, before, value }) => (isFlags(cell) ? `${cell}: ${flagChanges(before, value)}` : `${cell}: ${before} -> ${value}`))
  return told.length < loud.length ? [...words, `${loud.length - told.length}${words.length > 0 ? ' more' : ''} changes`] : words
}
