import type { Relation } from './algebra.js'
import { Kind } from './events.js'
import type { Skeleton } from './skeleton.js'

/**
 * `rcu-fence` of linux-kernel.cat: grace periods and read-side critical sections, chained by `rcu-link`, order like a
 * strong fence when there are at least as many of the former. `ordered` is hb* ; pb* ; prop.
 */
export function rcuFence(skeleton: Skeleton, ordered: Relation, srcuSections: Relation): Relation {
  const { algebra: a, relations: po } = skeleton
  const poOrSame = a.or(po.po, a.identity())
  const link = a.seq(a.seq(poOrSame, ordered), po.po)
  const order = a.identity(skeleton.where((kind) => (kind & (Kind.SYNC_RCU | Kind.SYNC_SRCU)) !== 0))

  const grow = (sync: number, sections: Relation, sameStruct: boolean): (() => void) => {
    const gpLink = a.seq(a.identity(skeleton.where((kind) => (kind & sync) !== 0)), link)
    const gp = a.identity(skeleton.where((kind) => (kind & sync) !== 0))
    const readers = a.inverse(sections)
    const readersLink = a.seq(readers, link)
    const add = (r: Relation): void => a.orInto(order, sameStruct ? skeleton.sameLocation(r) : r)
    add(a.seq(gpLink, readers))
    add(a.seq(readersLink, gp))
    return () => {
      const onward = a.seq(order, link)
      add(a.seq(a.seq(gpLink, onward), readers))
      add(a.seq(a.seq(readersLink, onward), gp))
    }
  }
  const steps: (() => void)[] = []
  for (const [sync, sections, sameStruct] of [
    [Kind.SYNC_RCU, po.rcuSection, false], [Kind.SYNC_SRCU, srcuSections, true],
  ] as const) {
    if (skeleton.events.some(({ kind }) => (kind & sync) !== 0)) steps.push(grow(sync, sections, sameStruct))
  }

  const before = a.empty()
  do {
    before.set(order)
    const mark = a.mark()
    for (const step of steps) step()
    a.orInto(order, a.seq(a.seq(order, link), order))
    a.release(mark)
  } while (order.some((row, i) => row !== before[i]))
  return a.seq(a.seq(po.po, order), poOrSame)
}
