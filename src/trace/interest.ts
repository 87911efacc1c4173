import type { CellChange, Trace, TraceStep } from './trace.js'

/** Steps that only tell the oracles something. */
export const isBookkeeping = ({ label }: TraceStep): boolean => /^(\(|reach )/.test(label)

interface Touch {
  readonly step: number
  readonly lane: number
  readonly writes: boolean
}

/**
 * The steps of a run that a reader needs: remarks, changes of page tables and of what is in pages, where lanes meet at a cell or at a
 * cached translation, every read of what another lane changes in this run, and what the violation rests on. A lane's own ups and downs
 * are left out.
 */
export function interestingSteps(trace: Trace, withLocks: boolean): Set<number> {
  const byCell = touchesByCell(trace, withLocks)
  return new Set([
    ...stepsWhere(trace, (step) => step.notes.length > 0 || step.writes.some(({ interest }) => interest === 'entry' || interest === 'data')),
    ...meetings(trace, withLocks).flat(),
    ...readsOfOthers(byCell),
    ...translations(trace),
    ...causes(trace),
  ])
}

const stepsWhere = ({ steps }: Trace, test: (step: TraceStep) => boolean): number[] => steps.flatMap((step, i) => (test(step) ? [i] : []))

/** Reads of a cell that another lane changes in the run: which of the values they saw may have decided. */
const readsOfOthers = (byCell: ReadonlyMap<string, readonly Touch[]>): number[] =>
  [...byCell.values()].flatMap((touches) =>
    touches.filter((read) => !read.writes && touches.some((write) => write.writes && write.lane !== read.lane)).map(({ step }) => step))

/** Where two lanes come by the same cached translation: an access, a change of its entry, an invalidation or the wait for it. */
function translations(trace: Trace): number[] {
  const touches = new Map<string, { readonly steps: number[]; readonly lanes: Set<number> }>()
  trace.steps.forEach((step, i) => {
    for (const { cell, interest } of [...step.reads, ...step.writes]) {
      if (interest !== 'translation') continue
      if (!touches.has(cell)) touches.set(cell, { steps: [], lanes: new Set() })
      touches.get(cell)!.steps.push(i)
      touches.get(cell)!.lanes.add(step.lane)
    }
  })
  return [...touches.values()].flatMap(({ steps, lanes }) => (lanes.size > 1 ? steps : []))
}

/** Who last wrote what the violating step looked at, the books of its oracle included: a lane's own write may be what is complained about. */
function causes({ steps, violation }: Trace): number[] {
  const last = steps.length - 1
  if (violation === undefined) return []
  const looked = steps[last]!.reads.filter(({ interest }) => interest !== 'quiet').map(({ cell }) => cell)
  return looked.map((cell) => steps.findLastIndex((step, i) => i < last && step.writes.some((write) => write.cell === cell))).filter((i) => i >= 0)
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
    for (const { cell, ghost, interest } of step.reads) if (!ghost && (withLocks || interest !== 'quiet')) touched.set(cell, false)
    for (const change of step.writes) if (!change.ghost && (withLocks || change.interest !== 'quiet')) touched.set(change.cell, true)
    for (const [cell, writes] of touched) {
      if (!byCell.has(cell)) byCell.set(cell, [])
      byCell.get(cell)!.push({ step: i, lane: step.lane, writes })
    }
  })
  return byCell
}

/** `+lru -locked`: what changed between two lists of flags. */
function flagChanges({ before, value }: CellChange): string {
  const [old, now] = [before.split('|'), value.split('|')]
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
  const loud = step.writes.filter(({ ghost, interest }) => !ghost && (all || (interest !== 'quiet' && interest !== 'said')))
  const told = all || loud.length <= MANY_EFFECTS ? loud : loud.filter(({ cell }) => shared.has(cell)).slice(0, MANY_EFFECTS)
  const words = told.map((change) => (change.flags ? `${change.cell}: ${flagChanges(change)}` : `${change.cell}: ${change.before} -> ${change.value}`))
  return told.length < loud.length ? [...words, `${loud.length - told.length}${words.length > 0 ? ' more' : ''} changes`] : words
}
