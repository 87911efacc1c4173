import type { Relation } from './algebra.js'
import { Kind } from './events.js'
import type { Skeleton } from './skeleton.js'

/** What herd7 flags of the sections in which an srcu_struct is read (linux-kernel.bell). */
export function srcuFlags({ algebra: a, events }: Skeleton, sections: Relation): string[] {
  const flags: string[] = []
  const locksOf = events.map(() => 0)
  for (const [i, lock] of events.entries()) {
    if ((lock.kind & Kind.SRCU_LOCK) === 0) continue
    let unlocks = 0
    for (const [j, unlock] of events.entries()) {
      if (!a.has(sections, i, j)) continue
      unlocks++
      locksOf[j]!++
      if (unlock.value !== lock.value) flags.push('srcu-bad-value-match')
    }
    if (unlocks === 0) flags.push('unmatched-srcu-lock')
    if (unlocks > 1) flags.push('multiple-srcu-matches')
  }
  if (events.some(({ kind }, j) => (kind & Kind.SRCU_UNLOCK) !== 0 && locksOf[j] === 0)) flags.push('unmatched-srcu-unlock')
  return flags
}
