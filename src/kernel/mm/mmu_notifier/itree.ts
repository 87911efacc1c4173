import type { Access } from '../../../engine/model/memory.js'
import { atomic, Blocked, type Step, type Steps, store } from '../../../engine/model/step.js'
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

/** What is done with subscriptions->lock held, as one step. */
export const locked_step = <T>(label: string, subs: MmuNotifierSubscriptions, done: (m: Access) => T): Step<T> =>
  atomic<T>(label, (m) => (m.get(subs.lock) ? new Blocked('subscriptions->lock is held') : done(m)))

/** mm/mmu_notifier.c:mn_itree_inv_start_range, and mn_itree_inv_next(): the tree does not change until the end. */
export const mn_itree_inv_start_range = (subs: MmuNotifierSubscriptions, range: MmuNotifierRange): Step<Started> =>
  locked_step('mn_itree_inv_start_range()', subs, (m) => {
    add(m, subs.active_invalidate_ranges, 1)
    const hit = kernel().mmuNotifiers.intervals.filter((sub) => overlaps(m, sub, range))
    const before = m.get(subs.invalidate_seq)
    const seq = hit.length > 0 && !(before & 1) ? subs.sequence.advance(m, 1) : before
    return { hit, seq }
  })

/** mm/mmu_notifier.c:mn_itree_inv_end. The last one makes the sequence even and lets subscriptions in and out. */
export function* mn_itree_inv_end(subs: MmuNotifierSubscriptions, mm: Mm): Steps {
  const fine = has('fine-interval-tree')
  const keepsLock = !has('mutant-deferred-list-unlocked')
  const last = yield* locked_step('mn_itree_inv_end()', subs, (m) => {
    const seq = m.get(subs.invalidate_seq)
    const nested = add(m, subs.active_invalidate_ranges, -1) > 0 && !has('mutant-interval-not-nested')
    if (nested || !(seq & 1)) return false
    subs.sequence.advance(m, 0)
    if (!fine) for (const sub of kernel().mmuNotifiers.intervals) move_deferred(m, sub, mm)
    else if (keepsLock) m.set(subs.lock, 1)
    return true
  })
  if (!fine || !last) return
  yield* move_all_deferred(mm)
  if (keepsLock) yield* store(subs.lock, 0, { label: 'spin_unlock(&subscriptions->lock)' })
}

/** subscriptions->deferred_list: who came or went meanwhile gets into the tree or out of it. */
function move_deferred(m: Access, sub: MmuIntervalNotifier, mm: Mm): void {
  if (m.get(sub.mm) !== mm.ref) return
  if (m.get(sub.state) === INTERVAL.DEFERRED_INSERT) m.set(sub.state, INTERVAL.IN)
  else if (m.get(sub.state) === INTERVAL.DEFERRED_REMOVE) m.set(sub.state, INTERVAL.OUT)
}

function* move_all_deferred(mm: Mm): Steps {
  for (const sub of kernel().mmuNotifiers.intervals) {
    yield* atomic('hlist_del(&sub->deferred_item)', (m) => move_deferred(m, sub, mm))
  }
}

/** What one subscription does when it is told: 'finish' asks for more when all have been told. */
function* tell(sub: MmuIntervalNotifier, range: MmuNotifierRange, seq: number): Steps<boolean | 'finish'> {
  if (sub.invalidate_start) return yield* sub.invalidate_start(range, seq)
  return sub.invalidate ? yield* sub.invalidate(range, seq) : true
}

/**
 * mm/mmu_notifier.c:mn_itree_invalidate, since 7.3 in two passes (mn_itree_finish_pass). Between them nothing keeps others from
 * telling the same subscription of another range. False, only if it may not block: one would have to wait, and it has ended.
 */
export function* mn_itree_invalidate(subs: MmuNotifierSubscriptions, range: MmuNotifierRange, { hit, seq }: Started): Steps<boolean> {
  const finishing: MmuIntervalNotifier[] = []
  let refused = false
  for (const sub of hit) {
    const told = yield* tell(sub, range, seq)
    if (told === 'finish') finishing.push(sub)
    refused = told === false && range.blockable === false
    if (refused) break
  }
  for (const sub of finishing) yield* sub.invalidate_finish!()
  if (refused) yield* mn_itree_inv_end(subs, range.mm)
  return !refused
}
