import type { Cell, Interest, Memory } from '../engine/model/memory.js'
import { callPath } from '../engine/learn/call-path.js'
import type { Loaded } from '../engine/learn/loaded.js'
import type { Violation } from '../engine/violation.js'
import type { Found } from '../engine/search/result.js'
import { replay, type Run, type TakenStep } from '../engine/search/replay.js'

/** A run of a race as data: what tables, files and pages are made from. */
export interface Trace {
  readonly lanes: readonly string[]
  readonly steps: readonly TraceStep[]
  readonly violation: Violation | undefined
  /** For a run without end: the last so many steps repeat for ever. */
  readonly loop?: number
}

export interface TraceStep {
  /** Index into `lanes`. */
  readonly lane: number
  readonly alternative: number
  readonly label: string
  /** The kernel functions the step is in, outermost first. Helpers of one function count as that function. */
  readonly calls: readonly string[]
  /** `file:line` of the step in the model. */
  readonly source?: string
  readonly reads: readonly CellValue[]
  readonly writes: readonly CellChange[]
  /** What the hardware or an oracle remarked. */
  readonly notes: readonly string[]
  /** The value a plain read came back with. */
  readonly result?: string
}

export interface CellValue {
  readonly cell: string
  readonly value: string
  readonly ghost: boolean
  /** What the cell is to a reader; a change of flags of which none is worth telling is `quiet`. */
  readonly interest?: Interest
}

export interface CellChange extends CellValue {
  readonly before: string
  /** The cell holds flags: names, parted by `|`. */
  readonly flags?: true
}

/** The trace of a run that was found. */
export const traceOf = (loaded: Loaded, found: Found): Trace =>
  ({ ...traceOfRun(loaded, replay(loaded, found.schedule), found.loop), violation: found.violation })

/** The trace of a run; `loop` of its last steps repeat for ever. */
export const traceOfRun = (loaded: Loaded, run: Run, loop?: number): Trace => ({
  lanes: loaded.program.threads.map((thread) => thread.name),
  steps: run.steps.map((step, i) => traceStep(loaded, run, step, i)),
  violation: run.violation,
  ...(loop !== undefined && { loop }),
})

function traceStep({ program: { memory } }: Loaded, run: Run, step: TakenStep, i: number): TraceStep {
  const { site, step: pending } = step.local
  const before = run.cells[i]!
  const isRead = pending?.kind === 'load' || pending?.kind === 'until'
  const [read] = step.leaf.reads
  return {
    lane: step.choice.thread,
    alternative: step.choice.alternative,
    label: step.label,
    calls: callPath(step.local.frames),
    ...(site && { source: `${site.file}:${site.line}` }),
    reads: [...step.leaf.reads].map(([cell, value]) => cellValue(memory, cell, value)),
    writes: [...step.leaf.writes].filter(([cell, value]) => before[cell] !== value).map(([cell, value]) => cellChange(memory, cell, before[cell]!, value)),
    notes: step.leaf.notes,
    ...(isRead && read && { result: memory.format(...read) }),
  }
}

function cellValue(memory: Memory, cell: Cell, value: number): CellValue {
  const { ghost = false, interest } = memory.options[cell]!
  return { cell: memory.names[cell]!, value: memory.format(cell, value), ghost, ...(interest && { interest }) }
}

function cellChange(memory: Memory, cell: Cell, before: number, after: number): CellChange {
  const { toldBits } = memory.options[cell]!
  const change = { ...cellValue(memory, cell, after), before: memory.format(cell, before) }
  if (toldBits === undefined) return change
  // Flags that are all cleared go with the page.
  const quiet = after === 0 || ((before ^ after) & toldBits) === 0
  return { ...change, flags: true, ...(quiet && { interest: 'quiet' as const }) }
}
