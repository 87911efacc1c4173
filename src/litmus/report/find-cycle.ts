import type { Edge, ExecutionGraph, Row } from './execution-graph.js'

/**
 * A shortest cycle through program order and the edges between threads: why the execution is not sequentially
 * consistent. Undefined if there is none, so that the steps can be put in one order.
 */
export function findCycle({ threads, edges }: ExecutionGraph): Edge[] | undefined {
  const outgoing = new Map<Row, Edge[]>()
  for (const rows of threads) {
    const accesses = rows.filter(({ label }) => label !== '')
    accesses.forEach((from, i) => outgoing.set(from, accesses.slice(i + 1).map((to): Edge => ({ kind: 'po', from, to, location: '' }))))
  }
  for (const edge of edges) if (edge.from.thread !== edge.to.thread) outgoing.get(edge.from)!.push(edge)

  let shortest: Edge[] | undefined
  for (const start of outgoing.keys()) {
    const cycle = shortestCycle(start, outgoing)
    if (cycle && (!shortest || cycle.length < shortest.length)) shortest = cycle
  }
  return shortest
}

/** Breadth first from `start` back to it. */
function shortestCycle(start: Row, outgoing: ReadonlyMap<Row, readonly Edge[]>): Edge[] | undefined {
  const paths: Edge[][] = [[]]
  const seen = new Set<Row>()
  for (const path of paths) {
    for (const edge of outgoing.get(path[path.length - 1]?.to ?? start)!) {
      if (edge.to === start) return [...path, edge]
      if (seen.has(edge.to)) continue
      seen.add(edge.to)
      paths.push([...path, edge])
    }
  }
  return undefined
}
