import type { Relation } from './algebra.js'
import { findRaces } from './races.js'
import { rcuFence } from './rcu.js'
import { srcuSections } from './srcu-sections.js'
import type { Skeleton } from './skeleton.js'

/** Who reads from whom and in which order writes reach memory: rf, co (transitive) and fr = rf^-1 ; co. */
export interface Communication {
  readonly rf: Relation
  readonly co: Relation
  readonly fr: Relation
}

/** The axioms of linux-kernel.cat that an execution can break. Coherence and atomicity hold by construction. */
export type Axiom = 'happens-before' | 'propagation' | 'rcu' | 'plain-coherence'

export interface Judgement {
  /** The axiom that forbids the execution; undefined if it can happen. */
  readonly forbidden: Axiom | undefined
  readonly dataRace: boolean
}

const RACE_FREE: Judgement = { forbidden: undefined, dataRace: false }

/** The relations of linux-kernel.cat that the rules for plain accesses build on. */
export interface Derived {
  readonly strongFence: Relation
  readonly nonrwFence: Relation
  readonly fence: Relation
  readonly cumulStar: Relation
  readonly rmwSequence: Relation | undefined
  readonly address: Relation
  readonly rfe: Relation
  readonly hb: Relation
  readonly pb: Relation
  readonly rb: Relation
}

/**
 * Judges an execution by the Linux-kernel memory model (tools/memory-model/linux-kernel.cat, 7.3). All axioms are
 * monotone in rf, co and fr: an execution of which only a part is known may be judged too, and what is forbidden then
 * stays so.
 */
export function judge(skeleton: Skeleton, { rf, co, fr }: Communication): Judgement {
  const { algebra: a, relations: po, internal, marked } = skeleton
  const between = (r: Relation): Relation => (skeleton.hasPlain ? a.restrict(r, marked, marked) : r)

  let { strongFence, nonrwFence, fence, cumulative, preserved } = po
  if (skeleton.hasAfterUnlockLock) {
    const unlocked = a.restrict(po.po, skeleton.memory, skeleton.unlocks)
    const extra = a.seq(a.seq(unlocked, a.restrict(rf, skeleton.unlocks, skeleton.lockReads)), po.afterUnlockLock)
    strongFence = a.or(strongFence, extra)
    nonrwFence = a.or(nonrwFence, extra)
    fence = a.or(fence, extra)
    cumulative = a.or(cumulative, between(extra))
    preserved = a.or(preserved, between(extra))
  }
  let { unlockLock } = po
  if (skeleton.hasUnlocks) {
    const handover = a.restrict(rf, skeleton.unlocks, skeleton.lockReads)
    unlockLock = a.or(unlockLock, a.seq(a.seq(po.po, handover), po.po))
  }

  const rfi = a.and(rf, internal)
  let { address, data } = po
  if (skeleton.carriesData) {
    const carry = a.star(a.seq(a.restrict(data, undefined, skeleton.writes), rfi))
    address = a.seq(carry, address)
    data = a.seq(carry, data)
    const intoWrites = a.restrict(a.or(address, data, a.seq(carry, po.control)), undefined, skeleton.writes)
    const plainFirst = a.seq(a.restrict(address, undefined, skeleton.plain), po.anyWmb)
    preserved = a.or(preserved, between(a.or(address, intoWrites, plainFirst)))
  }
  const rmwSequence = skeleton.hasRmw ? a.star(a.seq(rf, po.rmw)) : undefined

  const rfe = a.minus(rf, internal)
  const rfeMarked = between(rfe)
  const overwrite = between(a.or(co, fr))
  const pushed = a.or(cumulative, a.seq(rfeMarked, cumulative), po.wmb, between(unlockLock))
  const cumul = rmwSequence ? a.seq(pushed, rmwSequence) : pushed
  const cumulStar = a.star(cumul)
  const reach = a.or(a.identity(marked), a.closeInto(cumul))
  const propagated = a.or(reach, a.seq(a.minus(overwrite, internal), reach))
  const prop = a.or(propagated, a.seq(propagated, rfeMarked))

  const dependency = a.or(address, data)
  const forwarded = a.seq(skeleton.hasPlain ? a.restrict(dependency, undefined, marked) : dependency, rfi)
  const inside = a.or(overwrite, unlockLock, a.minus(prop, a.identity()), forwarded)
  const hb = a.or(preserved, rfeMarked, between(a.and(inside, internal)))
  const hbStar = a.star(hb)
  if (!a.isIrreflexive(a.closeInto(a.copy(hb)))) return { forbidden: 'happens-before', dataRace: false }

  const pb = between(a.seq(a.seq(prop, strongFence), hbStar))
  const pbPlus = a.closeInto(a.copy(pb))
  if (!a.isIrreflexive(pbPlus)) return { forbidden: 'propagation', dataRace: false }
  if (!skeleton.hasSync && !skeleton.hasPlain) return RACE_FREE

  const later = a.or(hbStar, a.seq(hbStar, pbPlus))
  let rb = a.empty()
  if (skeleton.hasSync) {
    const rcu = rcuFence(skeleton, a.seq(later, prop), srcuSections(skeleton, rf))
    rb = between(a.seq(a.seq(prop, rcu), later))
    if (!a.isIrreflexive(rb)) return { forbidden: 'rcu', dataRace: false }
    strongFence = a.or(strongFence, rcu)
    fence = a.or(fence, rcu)
  }
  if (!skeleton.hasPlain) return RACE_FREE
  return findRaces(skeleton, { rf, co, fr }, { strongFence, nonrwFence, fence, cumulStar, rmwSequence, address, rfe, hb, pb, rb })
}
