import { stateAt } from './state-at.js'
import type { View } from './view.js'

const LOCK = /(\.|_)(ptl|lock|rwsem|sem|mutex)$/

export interface LockInfo {
  readonly cell: string
  readonly value: string
  /** Lanes that took it and have not given it back. */
  readonly owners: readonly string[]
  /** Lanes whose next step has to wait for it. */
  readonly waiters: readonly string[]
}

/** Locks that are held or waited for after `at` steps. Page locks are bits of the flags. */
export function locksAt(view: View, at: number): LockInfo[] {
  const { lanes, steps } = view.trace
  const owners = new Map<string, string[]>()
  for (const { writes, lane } of steps.slice(0, at)) {
    for (const { cell, before, value } of writes) {
      const held = heldness(cell, value) - heldness(cell, before)
      const name = lockName(cell)
      if (name === undefined || held === 0) continue
      const now = owners.get(name) ?? []
      const mine = now.indexOf(lanes[lane]!)
      owners.set(name, held > 0 ? [...now, lanes[lane]!] : now.filter((_, i) => i !== Math.max(mine, 0)))
    }
  }
  const state = stateAt(view, at)
  const waiters = waitersAt(view, at)
  return [...new Set([...[...owners].filter(([, who]) => who.length > 0).map(([name]) => name), ...waiters.keys()])].map((cell) => ({
    cell, value: state.get(cell) ?? '1', owners: owners.get(cell) ?? [], waiters: waiters.get(cell) ?? [],
  }))
}

/** The name under which a cell is shown as a lock. */
const lockName = (cell: string): string | undefined =>
  cell.endsWith('.flags') && cell.startsWith('page') ? `${cell.slice(0, -6)} lock` : LOCK.test(cell) ? cell : undefined

/** How often it is held: a rw-semaphore counts readers, -1 is a writer. */
const heldness = (cell: string, value: string): number =>
  cell.endsWith('.flags') ? Number(value.split('|').includes('locked')) : Math.abs(Number(value) || 0)

function waitersAt(view: View, at: number): Map<string, string[]> {
  const waiters = new Map<string, string[]>()
  view.points[at]?.forEach(({ alternatives }, lane) => {
    if (alternatives.length === 0 || alternatives.some(({ blocked }) => blocked === undefined)) return
    for (const cell of alternatives[0]?.waitsOn ?? []) {
      const name = lockName(cell)
      if (name !== undefined) waiters.set(name, [...(waiters.get(name) ?? []), view.trace.lanes[lane]!])
    }
  })
  return waiters
}
