import type { Edge, ExecutionGraph, Row } from './execution-graph.js'
import { findCycle } from './find-cycle.js'
import { drawLanes, type Line, WIDTH } from './lanes.js'

/** The execution as a table with one lane per CPU, its rf, co and fr below, and the cycle that no interleaving has. */
export function drawExecution(graph: ExecutionGraph, width = WIDTH): string[] {
  const rows = interleave(graph)
  const cycle = findCycle(graph)
  return [
    ...drawLanes(rows.map(line), graph.threads.length, width),
    '',
    ...graph.edges.filter(({ from, to }) => from.thread !== to.thread).map(describe),
    ...(cycle ? ['', ...wrap('cycle: ', cycle, width)] : ['', 'These steps are in an order that sequential consistency allows.']),
  ]
}

const line = ({ thread, label, text, effect }: Row): Line =>
  ({ thread, text: `${label ? `${label} ` : '   '}${text}`, effect })

const describe = ({ kind, from, to, location }: Edge): string => {
  const says = {
    po: '', rf: `${to.label} reads what ${from.label} wrote to ${location}`,
    co: `${location}: ${from.label} is overwritten by ${to.label}`,
    fr: `${from.label} reads ${location} from before ${to.label}`,
  }[kind]
  return `  ${kind}  ${from.label} -> ${to.label}  ${says}`
}

const wrap = (lead: string, cycle: readonly Edge[], width: number): string[] => {
  const lines = [`  ${lead}${cycle[0]!.from.label}`]
  for (const { kind, to } of cycle) {
    const piece = ` -${kind}-> ${to.label}`
    if (lines[lines.length - 1]!.length + piece.length > width) lines.push(' '.repeat(lead.length + 1))
    lines[lines.length - 1] += piece
  }
  return lines
}

/** One order of all rows: program order kept, as few edges as possible backwards, switches only where that helps. */
function interleave({ threads, edges }: ExecutionGraph): Row[] {
  const next = threads.map(() => 0)
  const done = new Set<Row>()
  const waiting = (row: Row): number => edges.filter(({ from, to }) => to === row && !done.has(from)).length
  const rows: Row[] = []
  for (let current = 0; ;) {
    let best = -1
    for (let k = 0; k < threads.length; k++) {
      const t = (current + k) % threads.length
      const row = threads[t]![next[t]!]
      if (row && (best < 0 || waiting(row) < waiting(threads[best]![next[best]!]!))) best = t
    }
    if (best < 0) return rows
    const row = threads[best]![next[best]!++]!
    done.add(row)
    rows.push(row)
    current = best
  }
}
