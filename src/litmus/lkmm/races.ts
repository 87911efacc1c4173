import type { EventSet, Relation } from './algebra.js'
import type { Communication, Derived, Judgement } from './judge.js'
import type { Skeleton } from './skeleton.js'

/** The part of linux-kernel.cat on plain accesses: their coherence, and whether any two of them race. */
export function findRaces(skeleton: Skeleton, { rf, co, fr }: Communication, d: Derived): Judgement {
  const { algebra: a, relations: po, internal, marked, plain, memory, writes } = skeleton
  const id = a.identity()
  const or1 = (r: Relation): Relation => a.or(id, r)
  const xbstar = a.star(a.or(d.hb, d.pb, d.rb))

  const wPre = a.restrict(or1(a.or(d.address, d.fence)), marked, undefined)
  const rPre = a.restrict(or1(a.or(d.address, d.nonrwFence, po.rmbBefore)), marked, undefined)
  const wBounded = a.restrict(or1(d.fence), undefined, marked)
  const wPost = d.rmwSequence ? a.seq(wBounded, d.rmwSequence) : wBounded
  const rPost = a.restrict(or1(a.or(d.nonrwFence, po.rmbAfter)), undefined, marked)

  const arrived = a.restrict(a.seq(d.cumulStar, or1(d.rfe)), undefined, marked)
  const strongly = a.seq(a.restrict(d.strongFence, undefined, marked), xbstar)
  const vis = a.seq(arrived, a.or(strongly, a.and(xbstar, internal)))
  const visible = a.or(a.seq(d.strongFence, xbstar), a.seq(wPost, vis))
  const wwVis = a.or(d.fence, a.seq(visible, wPre))
  const wrVis = a.or(d.fence, a.seq(visible, rPre))
  const rwXbstar = a.or(d.fence, a.seq(a.seq(rPost, xbstar), wPre))
  const wrInverse = a.inverse(rwXbstar)

  const preRace = a.minus(a.or(product(skeleton, plain, memory), product(skeleton, memory, plain)), internal)
  const incoherent = a.or(
    a.and(rf, wrInverse), a.and(fr, a.inverse(wrVis)), a.and(co, a.inverse(wwVis)),
  )
  if (!a.isEmpty(a.and(preRace, incoherent))) return { forbidden: 'plain-coherence', dataRace: false }

  const wwNonrace = a.and(wwVis, a.and(
    a.or(product(skeleton, marked, writes), rwXbstar), a.or(product(skeleton, writes, marked), wrVis),
  ))
  const wwRace = a.minus(co, wwNonrace)
  const wrRace = a.minus(a.minus(a.or(rf, a.seq(co, rf)), wrVis), wrInverse)
  const rwRace = a.minus(fr, rwXbstar)
  const dataRace = !a.isEmpty(a.and(preRace, a.or(wwRace, wrRace, rwRace)))
  return { forbidden: undefined, dataRace }
}

/** `from * to` */
function product({ algebra: a }: Skeleton, from: EventSet, to: EventSet): Relation {
  const out = a.empty()
  for (let i = 0; i < a.n; i++) {
    if ((from[i >> 5]! & (1 << (i & 31))) !== 0) out.set(to, i * a.words)
  }
  return out
}
