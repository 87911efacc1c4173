/**
 * The nodes of a graph that have an edge to a node with a lower or equal number in the same strongly connected
 * component. Every cycle goes through at least one of them. (Tarjan's algorithm, without recursion.)
 */
export function closingCycles(successors: readonly (ReadonlySet<number> | undefined)[]): number[] {
  const component = components(successors)
  const closing: number[] = []
  successors.forEach((targets, node) => {
    for (const target of targets ?? []) {
      if (target <= node && component[target] === component[node]) {
        closing.push(node)
        break
      }
    }
  })
  return closing
}

/** The nodes from which one of `targets` can be reached, these among them. */
export function leadingTo(targets: readonly number[], predecessors: readonly (ReadonlySet<number> | undefined)[]): Set<number> {
  const found = new Set(targets)
  for (const node of found) for (const before of predecessors[node] ?? []) found.add(before)
  return found
}

/** The number of the strongly connected component of each node. */
export function components(successors: readonly (Iterable<number> | undefined)[]): number[] {
  const index: number[] = []
  const low: number[] = []
  const component: number[] = []
  const open: number[] = []
  let count = 0
  let found = 0
  for (let root = 0; root < successors.length; root++) {
    if (index[root] !== undefined) continue
    const path: { node: number; rest: Iterator<number> }[] = []
    const enter = (node: number): void => {
      index[node] = low[node] = count++
      open.push(node)
      path.push({ node, rest: (successors[node] ?? [])[Symbol.iterator]() })
    }
    enter(root)
    while (path.length > 0) {
      const { node, rest } = path[path.length - 1]!
      const next = rest.next()
      if (!next.done) {
        if (index[next.value] === undefined) enter(next.value)
        else if (component[next.value] === undefined) low[node] = Math.min(low[node]!, index[next.value]!)
        continue
      }
      path.pop()
      const parent = path[path.length - 1]
      if (parent) low[parent.node] = Math.min(low[parent.node]!, low[node]!)
      if (low[node] !== index[node]) continue
      let member
      do component[(member = open.pop()!)] = found
      while (member !== node)
      found++
    }
  }
  return component
}
