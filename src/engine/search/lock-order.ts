import { type LockCycle, lockCycles } from '../locks/cycles.js'
import type { Dependency } from '../locks/dependency.js'
import type { Program } from '../program.js'
import type { Found, Result } from './result.js'

/** The result of a search, with the orders of locks that could deadlock, whether or not a run did. */
export function withLockOrder({ lockOrder }: Program, result: Result, dependencies: readonly Dependency[]): Result {
  if (!lockOrder) return result
  const cycles = lockCycles([...dependencies, ...(lockOrder.known ?? [])])
  const [first] = cycles
  if (!first) return result
  const found: Found = { violation: { oracle: lockOrder.oracle, message: describeCycle(first) }, schedule: [], cycles }
  if (result.verdict !== 'violated') return { verdict: 'violated', found: [found], stats: result.stats }
  return { ...result, found: [...result.found, found] }
}

/** A cycle on one line. */
export function describeCycle(cycle: LockCycle): string {
  const [first] = cycle
  if (cycle.length === 1) return `possible recursive locking: ${first!.from}`
  return `possible circular locking: ${[...cycle.map(({ from }) => from), first!.from].join(' > ')}`
}
