import { atomic, Blocked, load, type Step, type Steps, store, until } from '../../engine/model/step.js'
import { add } from '../include/cells.js'
import type { Mm } from '../include/mm.js'
import { INTERVAL, type MmuIntervalNotifier, type MmuNotifierSubscriptions } from '../include/mmu_notifier.js'
import { has, kernel } from '../kernel.js'
import { locked_step } from './mmu_notifier/itree.js'
import { mmdrop } from './fork/mm_count.js'
import { might_lock, NOTIFIER_MAP } from '../locking/lock-map.js'

const subscriptions = (mm: Mm): MmuNotifierSubscriptions => kernel().mmuNotifiers.subscriptions[mm.ref - 1]!

/** mm/mmu_notifier.c:mmu_interval_notifier_insert. During an invalidation it waits its turn. */
export const mmu_interval_notifier_insert = (sub: MmuIntervalNotifier, mm: Mm, start: number, end: number): Step<void> =>
  locked_step('mmu_interval_notifier_insert()', subscriptions(mm), (m) => {
    const subs = subscriptions(mm)
    const seq = m.get(subs.invalidate_seq)
    m.set(sub.mm, mm.ref)
    add(m, mm.mm_count, 1)
    m.set(sub.start, start)
    m.set(sub.end, end)
    const active = m.get(subs.active_invalidate_ranges) > 0 && !has('mutant-insert-as-if-idle')
    m.set(sub.state, active && seq & 1 ? INTERVAL.DEFERRED_INSERT : INTERVAL.IN)
    // Not the current number unless an invalidation is under way, so that readers need not wait.
    const odd = seq & 1 || !active ? seq : subs.sequence.advance(m, 1)
    m.set(sub.invalidate_seq, active ? odd : subs.sequence.fresh(m, seq + 1))
  })

const unlink = (sub: MmuIntervalNotifier, subs: MmuNotifierSubscriptions): Step =>
  locked_step('mmu_interval_notifier_remove()', subs, (m) => {
    const seq = m.get(subs.invalidate_seq)
    const waits = (seq & 1) !== 0 && m.get(sub.state) === INTERVAL.IN
    m.set(sub.state, waits ? INTERVAL.DEFERRED_REMOVE : INTERVAL.OUT)
    return waits ? seq : 0
  })

/** wait_event() with mmu_interval_seq_released(), which asks under subscriptions->lock: who has raised the sequence is done with its list. */
const wait_until_released = (subs: MmuNotifierSubscriptions, seq: number): Step<void> =>
  atomic('wait_event(invalidate_seq)', (m) => {
    const busy = has('319561669a59') && m.get(subs.lock) !== 0
    return busy || m.get(subs.invalidate_seq) === seq ? new Blocked('the invalidation is under way') : undefined
  })

/** mm/mmu_notifier.c:mmu_interval_notifier_remove. Afterwards no callback runs any more. */
export function* mmu_interval_notifier_remove(sub: MmuIntervalNotifier, mm: Mm): Steps {
  const subs = subscriptions(mm)
  const seq = yield* unlink(sub, subs)
  yield* might_lock(NOTIFIER_MAP)
  if (seq && !has('mutant-remove-without-wait')) yield* wait_until_released(subs, seq)
  yield* mmdrop(mm)
}

/** mm/mmu_notifier.c:mmu_interval_read_begin: the sequence to compare with later, once no invalidation is under way. */
export function* mmu_interval_read_begin(sub: MmuIntervalNotifier, mm: Mm): Steps<number> {
  const subs = subscriptions(mm)
  const [seq, invalidating] = yield* locked_step<readonly [number, boolean]>('mmu_interval_read_begin()', subs, (m) => {
    const now = m.get(sub.invalidate_seq)
    return [now, now === m.get(subs.invalidate_seq)]
  })
  yield* might_lock(NOTIFIER_MAP)
  if (invalidating) yield* wait_until_not(subs, seq)
  return seq
}

const wait_until_not = (subs: MmuNotifierSubscriptions, seq: number): Step =>
  until(subs.invalidate_seq, (now) => now !== seq, { label: 'wait_event(invalidate_seq != seq)' })

/** include/linux/mmu_notifier.h:mmu_interval_read_retry, under the lock that the callback takes; elsewhere a hint. */
export function* mmu_interval_read_retry(sub: MmuIntervalNotifier, seq: number): Steps<boolean> {
  return (yield* load(sub.invalidate_seq, { label: 'mmu_interval_read_retry()' })) !== seq
}

export const mmu_interval_set_seq = (sub: MmuIntervalNotifier, seq: number): Step<void> =>
  store(sub.invalidate_seq, seq, { label: 'mmu_interval_set_seq(sub, seq)' })
