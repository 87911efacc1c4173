import type { Trace } from '../../trace/trace.js'

/** A line between steps of two lanes that touched the same cell. */
export interface Edge {
  /** `older`: the read saw what stood there before the write. `sees`: the read saw what was written. */
  readonly kind: 'older' | 'sees'
  readonly write: number
  readonly read: number
  readonly cell: string
}

/** machine/user.ts: the note of an access by something that is not in the tables any more. */
const STALE = /\bstale\b/

/** Lines between lanes, for one cell each: to the last write before a read, and to the first write after it. */
export function edgesOf({ steps }: Trace): Edge[] {
  const edges: Edge[] = []
  steps.forEach((step, read) => {
    const own = new Set(step.writes.map(({ cell }) => cell))
    for (const { cell, ghost, interest } of step.reads) {
      if (ghost || interest === 'quiet' || own.has(cell)) continue
      const seen = lastWrite(cell, read)
      if (seen >= 0 && steps[seen]!.lane !== step.lane) edges.push({ kind: 'sees', write: seen, read, cell })
      const after = steps.findIndex(({ writes }, i) => i > read && writes.some((write) => write.cell === cell))
      if (after >= 0 && steps[after]!.lane !== step.lane) edges.push({ kind: 'older', write: after, read, cell })
    }
    if (step.notes.some((note) => STALE.test(note))) {
      const write = steps.findLastIndex((s, i) => i < read && s.lane !== step.lane && s.writes.some(({ interest }) => interest === 'entry'))
      if (write >= 0) edges.push({ kind: 'older', write, read, cell: steps[write]!.writes.find(({ interest }) => interest === 'entry')!.cell })
    }
  })
  return edges

  function lastWrite(cell: string, before: number): number {
    return steps.findLastIndex(({ writes }, i) => i < before && writes.some((write) => write.cell === cell))
  }
}
