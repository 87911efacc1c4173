import type { Cell } from '../engine/model/memory.js'
import type { LaneStep, Lanes } from './lane-runs.js'
import { type AccessKind, type OrderedPair, orderedPairs } from './ordered-pair.js'

/**
 * A critical cycle of two lanes (Shasha and Snir, Efficient and correct execution of parallel programs that share memory,
 * 1988): the second access of each lane comes before the first of the other. No interleaving has one; whether weak memory
 * has it depends on what orders the pairs.
 */
export interface CriticalCycle {
  readonly pairs: readonly [OrderedPair, OrderedPair]
}

/** All critical cycles of two lanes, each once for what its accesses are and what orders them. */
export function criticalCycles(lanes: Lanes): CriticalCycle[] {
  const shared = sharedCells(lanes)
  const pairs = lanes.runs.map((_, thread) => orderedPairs(lanes, thread, shared))
  const cycles: CriticalCycle[] = []
  for (let a = 0; a < pairs.length; a++) {
    for (let b = a + 1; b < pairs.length; b++) {
      const byCells = new Map<string, OrderedPair[]>()
      for (const pair of pairs[b]!) {
        const key = `${pair.first.cell} ${pair.second.cell}`
        byCells.set(key, [...(byCells.get(key) ?? []), pair])
      }
      for (const one of pairs[a]!) {
        for (const other of byCells.get(`${one.second.cell} ${one.first.cell}`) ?? []) {
          if (conflict(one.second.kind, other.first.kind) && conflict(other.second.kind, one.first.kind)) cycles.push({ pairs: [one, other] })
        }
      }
    }
  }
  return cycles
}

const conflict = (a: AccessKind, b: AccessKind): boolean => a !== 'read' || b !== 'read'

/** Cells that several lanes access and one of them writes. */
function sharedCells({ runs, program }: Lanes): Set<Cell> {
  const users = new Map<Cell, Set<number>>()
  const written = new Set<Cell>()
  const look = (thread: number, { accesses }: LaneStep): void => {
    for (const { cell, writes } of accesses) {
      if (writes) written.add(cell)
      users.set(cell, (users.get(cell) ?? new Set()).add(thread))
    }
  }
  for (const thread of program.threads.keys()) for (const run of runs[thread]!) for (const step of run) look(thread, step)
  return new Set([...users].filter(([cell, threads]) => threads.size > 1 && written.has(cell)).map(([cell]) => cell))
}
