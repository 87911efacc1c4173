import type { Access } from '../../../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import type { Mm } from '../../include/mm.js'
import { INTERVAL, type MmuIntervalNotifier, type MmuNotifierRange, type MmuNotifierSubscriptions } from '../../include/mmu_notifier.js'
import { has, kernel } from '../../kernel.js'

/** The subscriptions that a range hits, and the sequence number of its invalidation. */
export interface Started {
  readonly hit: readonly MmuIntervalNotifier[]
  readonly seq: number
}

const in_tree = (m: Access, sub: MmuIntervalNotifier): boolean =>
  m.get(sub.state) === INTERVAL.IN || m.get(sub.state) === INTERVAL.DEFERRED_REMOVE

const overlaps = (m: Access, sub: MmuIntervalNotifier, range: MmuNotifierRange): boolean =>
  in_tree(m, sub) && m.get(sub.mm) === range.mm.ref && m.get(sub.start) < range.end && range.start < m.get(sub.end)

/** mm/mmu_notifier.c:mn_itree_inv_start_range, and mn_itree_inv_next(): the tree does not change until the end. */
export const mn_itree_inv_start_range = (subs: MmuNotifierSubscriptions, range: MmuNotifierRange): Step<Started> =>
  atomic('mn_itree_inv_start_range()', (m) => {
    add(m, subs.active_invalidate_ranges, 1)
    const hit = kernel().mmuNotifiers.intervals.filter((sub) => overlaps(m, sub, range))
    const before = m.get(subs.invalidate_seq)
    const seq = hit.length > 0 && !(before & 1) ? subs.sequence.advance(m, 1) : before
    return { hit, seq }
  })

/** mm/mmu_notifier.c:mn_itree_inv_end. The last one makes the sequence even and lets subscriptions in and out. */
export const mn_itree_inv_end = (subs: MmuNotifierSubscriptions, mm: Mm): Step<void> =>
  atomic('mn_itree_inv_end()', (m) => {
    const seq = m.get(subs.invalidate_seq)
    const nested = add(m, subs.active_invalidate_ranges, -1) > 0 && !has('mutant-interval-not-nested')
    if (nested || !(seq & 1)) return
    subs.sequence.advance(m, 0)
    for (const sub of kernel().mmuNotifiers.intervals) {
      if (m.get(sub.mm) !== mm.ref) continue
      if (m.get(sub.state) === INTERVAL.DEFERRED_INSERT) m.set(sub.state, INTERVAL.IN)
      else if (m.get(sub.state) === INTERVAL.DEFERRED_REMOVE) m.set(sub.state, INTERVAL.OUT)
    }
  })

/** mm/mmu_notifier.c:mn_itree_invalidate. False, only if it may not block: one would have to wait, and it has ended. */
export function* mn_itree_invalidate(subs: MmuNotifierSubscriptions, range: MmuNotifierRange, { hit, seq }: Started): Steps<boolean> {
  for (const sub of hit) {
    if (!sub.invalidate || (yield* sub.invalidate(range, seq)) || range.blockable !== false) continue
    yield* mn_itree_inv_end(subs, range.mm)
    return false
  }
  return true
}
