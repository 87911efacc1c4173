import type { Relation } from './algebra.js'
import { Kind } from './events.js'
import type { Skeleton } from './skeleton.js'

/** `srcu-rscs` of linux-kernel.bell: an unlock belongs to the lock whose value it is given, also through memory. */
export function srcuSections(skeleton: Skeleton, rf: Relation): Relation {
  const { algebra: a, relations: po } = skeleton
  if (!skeleton.carriesSrcu) return po.srcuSection
  const carry = a.star(a.seq(a.restrict(po.data, undefined, skeleton.writes), rf))
  const locks = skeleton.where((kind) => (kind & Kind.SRCU_LOCK) !== 0)
  const unlocks = skeleton.where((kind) => (kind & Kind.SRCU_UNLOCK) !== 0)
  return skeleton.sameLocation(a.restrict(a.seq(carry, po.data), locks, unlocks))
}
