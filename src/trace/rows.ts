import { effectsOf, interestingSteps, isBookkeeping, sharedCells } from './interest.js'
import type { Trace, TraceStep } from './trace.js'

/** One line of a table: in one lane, the text and what it did. */
export interface Row {
  readonly lane: number
  /** How deep the text is indented below the lane's margin. */
  readonly indent: number
  readonly text: string
  /** Effects, remarks, values read. */
  readonly comment: string | undefined
  /** The index of the step, undefined for a line that names a function. */
  readonly step: number | undefined
  /** It repeats for ever, with the others of which this is said. */
  readonly loops?: true
}

export interface RowOptions {
  /** Show all steps; otherwise those that no other lane can notice are left out. */
  readonly all?: boolean
  /** The index of a step that is shown whatever it does. */
  readonly also?: number
}

/** Stands above the steps that repeat. */
const LOOP = '/* for ever: */'

/** Oracles whose runs are about waiting: locks are part of the story. */
const ABOUT_LOCKS = new Set(['deadlock', 'livelock', 'O12', 'O17'])

/** The lines of a run, in the order they happened. */
export function rowsOf(trace: Trace, options: RowOptions = {}): Row[] {
  const all = options.all ?? false
  const interesting = interestingSteps(trace, ABOUT_LOCKS.has(trace.violation?.oracle ?? ''))
  const loopStart = trace.loop === undefined ? Infinity : trace.steps.length - trace.loop
  const shared = sharedCells(trace)
  const rows: Row[] = []
  const loops = (i: number): { readonly loops?: true } => (i >= loopStart ? { loops: true } : {})
  const places: (string | undefined)[] = []
  trace.steps.forEach((step, i) => {
    const isLast = i === trace.steps.length - 1 && trace.violation !== undefined
    if (!all && (isBookkeeping(step) || !(isLast || i >= loopStart || i === options.also || interesting.has(i)))) return
    if (i >= loopStart && !rows.some((row) => row.text === LOOP)) rows.push({ lane: step.lane, indent: 0, text: LOOP, comment: undefined, step: undefined, loops: true })
    const fn = functionLine(step)
    if (fn !== undefined && places[step.lane] !== fn) rows.push({ lane: step.lane, indent: 0, text: fn, comment: undefined, step: undefined, ...loops(i) })
    if (fn !== undefined) places[step.lane] = fn
    rows.push({ lane: step.lane, indent: fn === undefined ? 0 : 2, text: step.label, comment: commentOf(step, all, shared), step: i, ...loops(i) })
  })
  return rows
}

/** The kernel function to name above a step: the innermost that the step's own text does not name. */
function functionLine(step: TraceStep): string | undefined {
  const word = /^\w*/.exec(step.label)![0]
  const outer = step.calls.slice(1).filter((call) => call !== word && !SMALL_HELPER.test(call))
  const fn = outer[outer.length - 1]
  return fn === undefined ? undefined : `${fn}()`
}

/** Functions that a reader does not want to see named: one-line accessors. */
const SMALL_HELPER = /^(folio_ref|folio_put|folio_test|put_page|compound_head|ptep_get|copy_page|observe)/

function commentOf(step: TraceStep, all: boolean, shared: ReadonlySet<string>): string | undefined {
  const read = step.result === undefined ? [] : [step.result]
  const comment = [...read, ...effectsOf(step, all, shared), ...step.notes].join(', ')
  return comment === '' ? undefined : comment
}
