import { atomic, load, type Step, type Steps, store } from '../../engine/model/step.js'
import { this_cpu } from '../../machine/cpu.js'
import type { Mm } from '../include/mm.js'
import type { MmuNotifier, MmuNotifierEvent, MmuNotifierRange, MmuNotifierSubscriptions } from '../include/mmu_notifier.js'
import { has, kernel } from '../kernel.js'
import { lock_map_acquire, lock_map_release, NOTIFIER_MAP } from '../locking/lock-map.js'
import { srcu_read_lock, srcu_read_unlock, synchronize_srcu } from '../locking/srcu.js'
import { observe } from '../observer.js'
import { mn_itree_inv_end, mn_itree_inv_start_range, mn_itree_invalidate } from './mmu_notifier/itree.js'

/** Without a driver that could subscribe, notifier calls take no step. */
export const subscriptions_of = (mm: Mm): MmuNotifierSubscriptions | undefined => kernel().mmuNotifiers.subscriptions[mm.ref - 1]

const on_list = (mm: Mm): Step<readonly MmuNotifier[]> =>
  atomic('hlist_for_each_entry_rcu(list)', (m) => kernel().mmuNotifiers.list.filter((sub) => m.get(sub.mm) === mm.ref))

/** Who is on the list. A walk under SRCU sees those that are there when it begins; looked at finely, each when it comes to it. */
function* subscribed(mm: Mm): Steps<readonly MmuNotifier[]> {
  return has('fine-notifier-list') ? kernel().mmuNotifiers.list : yield* on_list(mm)
}

function* come_to(sub: MmuNotifier, mm: Mm): Steps<boolean> {
  return !has('fine-notifier-list') || (yield* load(sub.mm, { label: 'hlist_for_each_entry_rcu(sub)' })) === mm.ref
}

/** mm/mmu_notifier.c:mn_hlist_invalidate_range_start. False: somebody would have to wait. */
export function* mn_hlist_invalidate_range_start(range: MmuNotifierRange): Steps<boolean> {
  const { srcu } = kernel().mmuNotifiers
  const idx = yield* srcu_read_lock(srcu)
  const subs = yield* subscribed(range.mm)
  let done = true
  for (const sub of subs) {
    const { ops } = sub
    if (!(yield* come_to(sub, range.mm))) continue
    if (ops.invalidate_range_start && (yield* ops.invalidate_range_start(range)) === false) done = false
  }
  // Those that did start expect their end. Who failed must not have an end method, so that it is not called here.
  if (!done && has('c2655835fd8c')) {
    for (const sub of subs) if (sub.ops.invalidate_range_end && (yield* come_to(sub, range.mm))) yield* sub.ops.invalidate_range_end(range)
  }
  yield* srcu_read_unlock(srcu, idx)
  return done
}

/** mm/mmu_notifier.c:mn_hlist_invalidate_end */
export function* mn_hlist_invalidate_end(range: MmuNotifierRange, only_end: boolean): Steps {
  const { srcu } = kernel().mmuNotifiers
  const idx = yield* srcu_read_lock(srcu)
  for (const sub of yield* subscribed(range.mm)) {
    const { ops } = sub
    if (!(yield* come_to(sub, range.mm))) continue
    const flush = !only_end && !has('6bbd42e2df8f') && !has('end-without-flush')
    if (ops.invalidate_range && flush) yield* ops.invalidate_range(range.mm, range.start, range.end)
    if (ops.invalidate_range_end) yield* ops.invalidate_range_end(range)
  }
  yield* srcu_read_unlock(srcu, idx)
}

/** Sleeping is not allowed with a spinlock held or interrupts off. */
function* might_sleep(): Steps {
  const cpu = yield* this_cpu()
  yield* observe('might_sleep()', (o, m) => o.mightSleep?.(m, cpu), { op: 'sleep' })
}

/** mm/mmu_notifier.c:__mmu_notifier_invalidate_range_start. False, only if it may not block: nothing has started. */
export function* __mmu_notifier_invalidate_range_start(subs: MmuNotifierSubscriptions, range: MmuNotifierRange): Steps<boolean> {
  if (kernel().mmuNotifiers.intervals.length > 0) {
    const hit = yield* mn_itree_inv_start_range(subs, range)
    if (!(yield* mn_itree_invalidate(subs, range, hit))) return false
  }
  if (kernel().mmuNotifiers.list.length > 0 && !(yield* mn_hlist_invalidate_range_start(range))) {
    if (has('itree-ends-with-list') && kernel().mmuNotifiers.intervals.length > 0) yield* mn_itree_inv_end(subs, range.mm)
    return false
  }
  yield* observe('(invalidation has started)', (o, m) => o.invalidationStarted?.(m, range.mm, range.start, range.end))
  return true
}

/** mm/mmu_notifier.c:__mmu_notifier_invalidate_range_end */
export function* __mmu_notifier_invalidate_range_end(mm: Mm, start: number, end: number, only_end: boolean): Steps {
  const subs = subscriptions_of(mm)
  yield* lock_map_acquire(NOTIFIER_MAP)
  if (subs) yield* tell_of_end(subs, { mm, start, end, event: 'clear' }, only_end)
  yield* lock_map_release(NOTIFIER_MAP)
}

function* tell_of_end(subs: MmuNotifierSubscriptions, range: MmuNotifierRange, only_end: boolean): Steps {
  const { mm, start, end } = range
  yield* observe('(invalidation ends)', (o, m) => o.invalidationEnds?.(m, mm, start, end))
  if (kernel().mmuNotifiers.intervals.length > 0) yield* mn_itree_inv_end(subs, mm)
  if (kernel().mmuNotifiers.list.length > 0) yield* mn_hlist_invalidate_end(range, only_end)
  yield* observe('(invalidation has ended)', (o, m) => o.invalidationEnded?.(m, mm, start, end))
}

/** include/linux/mmu_notifier.h:mmu_notifier_invalidate_range_start. May sleep: every subscriber drops what it has. */
export function* mmu_notifier_invalidate_range_start(
  mm: Mm, start: number, end: number, event: MmuNotifierEvent = 'clear', owner?: object,
): Steps {
  const subs = subscriptions_of(mm)
  if (subs) yield* might_sleep()
  yield* lock_map_acquire(NOTIFIER_MAP)
  if (subs) yield* __mmu_notifier_invalidate_range_start(subs, owner ? { mm, start, end, event, owner } : { mm, start, end, event })
  yield* lock_map_release(NOTIFIER_MAP)
}

/** include/linux/mmu_notifier.h:mmu_notifier_invalidate_range_start_nonblock. False: not now, and there is no end. */
export function* mmu_notifier_invalidate_range_start_nonblock(mm: Mm, start: number, end: number): Steps<boolean> {
  const subs = subscriptions_of(mm)
  yield* lock_map_acquire(NOTIFIER_MAP)
  const done = !subs || (yield* __mmu_notifier_invalidate_range_start(subs, { mm, start, end, event: 'clear', blockable: false }))
  yield* lock_map_release(NOTIFIER_MAP)
  return done
}

/** include/linux/mmu_notifier.h:mmu_notifier_invalidate_range_end. In 6.1 it calls `invalidate_range` as well. */
export function* mmu_notifier_invalidate_range_end(mm: Mm, start: number, end: number): Steps {
  yield* __mmu_notifier_invalidate_range_end(mm, start, end, false)
}

/** include/linux/mmu_notifier.h:mmu_notifier_invalidate_range_only_end: whoever changed the entries has done the rest. */
export function* mmu_notifier_invalidate_range_only_end(mm: Mm, start: number, end: number): Steps {
  yield* __mmu_notifier_invalidate_range_end(mm, start, end, true)
}

/** Every TLB of a device that walks the CPU's tables. Does not sleep. */
export function* arch_invalidate_secondary_tlbs(mm: Mm, start: number, end: number): Steps {
  const { list, srcu } = kernel().mmuNotifiers
  if (!list.some(({ ops }) => ops.invalidate_range)) return
  const idx = yield* srcu_read_lock(srcu)
  for (const sub of yield* subscribed(mm)) if (sub.ops.invalidate_range && (yield* come_to(sub, mm))) yield* sub.ops.invalidate_range(mm, start, end)
  yield* srcu_read_unlock(srcu, idx)
}

/** mm/mmu_notifier.c:__mmu_notifier_invalidate_range. Since 6.6 the flush before it has done this. */
export function* mmu_notifier_invalidate_range(mm: Mm, start: number, end: number): Steps {
  if (!has('6bbd42e2df8f')) yield* arch_invalidate_secondary_tlbs(mm, start, end)
}

/** mm/mmu_notifier.c:__mmu_notifier_change_pte, which set_pte_at_notify() calls under the page-table lock. */
export function* mmu_notifier_change_pte(mm: Mm, address: number, pte: number): Steps {
  const { list, srcu } = kernel().mmuNotifiers
  if (!list.some(({ ops }) => ops.change_pte)) return
  const idx = yield* srcu_read_lock(srcu)
  for (const sub of yield* subscribed(mm)) if (sub.ops.change_pte && (yield* come_to(sub, mm))) yield* sub.ops.change_pte(mm, address, pte)
  yield* srcu_read_unlock(srcu, idx)
}

function* anybody(mm: Mm): Steps<boolean> {
  const { list } = kernel().mmuNotifiers
  return list.length > 0 && (yield* atomic('!hlist_empty(list)', (m) => list.some((sub) => m.get(sub.mm) === mm.ref)))
}

/** mm/mmu_notifier.c:mn_hlist_release: they drop everything and leave the list; nobody is in a callback afterwards. */
export function* mn_hlist_release(mm: Mm): Steps {
  const { srcu } = kernel().mmuNotifiers
  const idx = yield* srcu_read_lock(srcu)
  const subs = yield* subscribed(mm)
  for (const sub of subs) if (sub.ops.release && (yield* come_to(sub, mm))) yield* sub.ops.release(mm)
  if (has('fine-notifier-list')) {
    for (const sub of subs) if (yield* come_to(sub, mm)) yield* store(sub.mm, 0, { label: 'hlist_del_init_rcu(sub)' })
  } else {
    yield* atomic('hlist_del_init_rcu() of all', (m) => {
      for (const sub of subs) m.set(sub.mm, 0)
    })
  }
  yield* srcu_read_unlock(srcu, idx)
  yield* synchronize_srcu(srcu)
}

/** mm/mmu_notifier.c:__mmu_notifier_release: before the address space is torn down. */
export function* mmu_notifier_release(mm: Mm): Steps {
  const subs = subscriptions_of(mm)
  if (!subs) return
  if (kernel().mmuNotifiers.intervals.length > 0) {
    const range: MmuNotifierRange = { mm, start: 0, end: kernel().taskSize, event: 'release' }
    yield* mn_itree_invalidate(subs, range, yield* mn_itree_inv_start_range(subs, range))
    yield* mn_itree_inv_end(subs, mm)
  }
  if (yield* anybody(mm)) yield* mn_hlist_release(mm)
}
