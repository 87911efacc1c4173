import { Kind, type TraceEvent } from '../lkmm/events.js'
import type { Execution } from '../lkmm/search-executions.js'
import { FENCE_TEXT } from '../parse/macros.js'
import type { Program } from '../program/program.js'
import { formatValue } from '../program/values.js'
import { laneName } from './lanes.js'

/** A line of one thread: an access (both halves of a read-modify-write are one), an RCU marker or a fence. */
export interface Row {
  readonly thread: number
  /** `A1`; empty for fences, which have no part in rf, co and fr. */
  readonly label: string
  readonly text: string
  /** What the access saw or did, as a table comment; empty if the text says it all. */
  readonly effect: string
}

/** An edge between rows, by the name it has in the memory model. */
export interface Edge {
  readonly kind: 'po' | 'rf' | 'co' | 'fr'
  readonly from: Row
  readonly to: Row
  readonly location: string
}

export interface ExecutionGraph {
  /** Rows by thread, in program order. */
  readonly threads: readonly (readonly Row[])[]
  /** rf; co and fr only to the next write of the location. */
  readonly edges: readonly Edge[]
}

const SECOND_HALF = Kind.RMW | Kind.LOCK_WRITE

/** An execution as rows and named edges, to be drawn. */
export function executionGraph(program: Program, execution: Execution): ExecutionGraph {
  const rowOf: Row[] = []
  const threads: Row[][] = []
  let first = 0
  for (const trace of execution.traces) {
    const rows: Row[] = []
    let count = 0
    let fence = 0
    for (let i = 0; i <= trace.events.length; i++) {
      for (; trace.fences[fence]?.at === i; fence++) {
        const { implied, fence: kind } = trace.fences[fence]!
        if (!implied) rows.push({ thread: trace.thread, label: '', text: FENCE_TEXT[kind], effect: '' })
      }
      const event = trace.events[i]
      if (!event) continue
      if ((event.kind & SECOND_HALF) !== 0 && (event.kind & Kind.WRITE) !== 0) {
        rowOf[first + i] = rowOf[first + i - 1]!
        continue
      }
      const row = {
        thread: trace.thread, label: `${laneName(trace.thread)}${++count}`, text: event.text,
        effect: effectOf(program, event, trace.events[i + 1]),
      }
      rowOf[first + i] = row
      rows.push(row)
    }
    threads.push(rows)
    first += trace.events.length
  }
  return { threads, edges: edgesOf(program, execution, rowOf) }
}

function effectOf(program: Program, event: TraceEvent, next: TraceEvent | undefined): string {
  const value = formatValue(event.value, program.locations)
  if ((event.kind & Kind.LOCK_READ) !== 0 || (event.kind & (Kind.READ | Kind.WRITE)) === 0) return ''
  if ((event.kind & Kind.RMW) !== 0 && next) return `${value} -> ${formatValue(next.value, program.locations)}`
  if ((event.kind & Kind.READ) !== 0) return value
  return event.text.includes(value) || (event.kind & Kind.UNLOCK) !== 0 ? '' : `= ${value}`
}

function edgesOf(program: Program, { orders }: Execution, rowOf: readonly Row[]): Edge[] {
  const edges: Edge[] = []
  for (const { location: id, writes, readsFrom } of orders) {
    const location = program.locations[id]!
    const add = (kind: Edge['kind'], from: number, to: number): void => {
      if (rowOf[from] !== rowOf[to]) edges.push({ kind, from: rowOf[from]!, to: rowOf[to]!, location })
    }
    for (const [read, write] of readsFrom) {
      if (write >= 0) add('rf', write, read)
      const next = writes[writes.indexOf(write) + 1]
      if (next !== undefined) add('fr', read, next)
    }
    writes.forEach((write, i) => i > 0 && add('co', writes[i - 1]!, write))
  }
  return edges
}
