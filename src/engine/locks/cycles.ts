import type { Dependency } from './dependency.js'

/** Dependencies that go round: each leads to where the next begins, the last to where the first begins. */
export type LockCycle = readonly Dependency[]

/** A reader that only waits for writers does not wait for readers: that is no way round. */
const goesOn = (into: Dependency, outOf: Dependency): boolean => !(into.recursive && outOf.shared)

/**
 * The shortest cycle through each dependency, shortest first, without those that go through all classes of another.
 * Whether there are any is decided exactly: a way round may use a class twice, by different dependencies.
 */
export function lockCycles(dependencies: readonly Dependency[]): LockCycle[] {
  const out = new Map<string, Dependency[]>()
  for (const dependency of dependencies) out.set(dependency.from, [...(out.get(dependency.from) ?? []), dependency])
  const all = dependencies.map((first) => shortestThrough(first, out)).filter((cycle) => cycle !== undefined).toSorted((a, b) => a.length - b.length)
  const cycles: LockCycle[] = []
  for (const cycle of all) {
    const classes = new Set(cycle.map(({ from }) => from))
    if (!cycles.some((shorter) => shorter.every(({ from }) => classes.has(from)))) cycles.push(cycle)
  }
  return cycles
}

function shortestThrough(first: Dependency, out: ReadonlyMap<string, readonly Dependency[]>): LockCycle | undefined {
  const before = new Map<Dependency, Dependency | undefined>([[first, undefined]])
  for (const at of before.keys()) {
    if (at.to === first.from && goesOn(at, first)) return wayTo(at, before)
    for (const next of out.get(at.to) ?? []) if (!before.has(next) && goesOn(at, next)) before.set(next, at)
  }
  return undefined
}

function wayTo(last: Dependency, before: ReadonlyMap<Dependency, Dependency | undefined>): LockCycle {
  const way: Dependency[] = []
  for (let at: Dependency | undefined = last; at; at = before.get(at)) way.unshift(at)
  return way
}
