import type { Access } from '../../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../../engine/model/step.js'
import { add } from '../include/cells.js'
import type { Mm } from '../include/mm.js'
import {
  INTERVAL, type MmuIntervalNotifier, type MmuNotifierEvent, type MmuNotifierRange, type MmuNotifierSubscriptions,
} from '../include/mmu_notifier.js'
import { kernel } from '../kernel.js'

/** Without a driver that could subscribe, notifier calls take no step. */
export const subscriptions_of = (mm: Mm): MmuNotifierSubscriptions | undefined => kernel().notifierSubscriptions[mm.ref - 1]

const in_tree = (m: Access, sub: MmuIntervalNotifier): boolean =>
  m.get(sub.state) === INTERVAL.IN || m.get(sub.state) === INTERVAL.DEFERRED_REMOVE

const overlaps = (m: Access, sub: MmuIntervalNotifier, range: MmuNotifierRange): boolean =>
  in_tree(m, sub) && m.get(sub.mm) === range.mm.ref && m.get(sub.start) < range.end && range.start < m.get(sub.end)

interface Started {
  readonly hit: readonly MmuIntervalNotifier[]
  readonly seq: number
}

/** mm/mmu_notifier.c:mn_itree_inv_start_range, and mn_itree_inv_next(): the tree does not change until the end. */
const mn_itree_inv_start_range = (subs: MmuNotifierSubscriptions, range: MmuNotifierRange): Step<Started> =>
  atomic('mn_itree_inv_start_range()', (m) => {
    add(m, subs.active_invalidate_ranges, 1)
    const hit = kernel().intervalNotifiers.filter((sub) => overlaps(m, sub, range))
    const seq = m.get(subs.invalidate_seq)
    if (hit.length > 0) m.set(subs.invalidate_seq, seq | 1)
    return { hit, seq: hit.length > 0 ? seq | 1 : seq }
  })

/** mm/mmu_notifier.c:mn_itree_inv_end. The last one makes the sequence even and lets subscriptions in and out. */
const mn_itree_inv_end = (subs: MmuNotifierSubscriptions, mm: Mm): Step<void> =>
  atomic('mn_itree_inv_end()', (m) => {
    const seq = m.get(subs.invalidate_seq)
    if (add(m, subs.active_invalidate_ranges, -1) > 0 || !(seq & 1)) return
    m.set(subs.invalidate_seq, seq + 1)
    for (const sub of kernel().intervalNotifiers) {
      if (m.get(sub.mm) !== mm.ref) continue
      if (m.get(sub.state) === INTERVAL.DEFERRED_INSERT) m.set(sub.state, INTERVAL.IN)
      else if (m.get(sub.state) === INTERVAL.DEFERRED_REMOVE) m.set(sub.state, INTERVAL.OUT)
    }
  })

/** mm/mmu_notifier.c:__mmu_notifier_invalidate_range_start. Calls that may sleep: every subscriber drops what it has. */
export function* mmu_notifier_invalidate_range_start(
  mm: Mm, start: number, end: number, event: MmuNotifierEvent = 'clear', owner?: object,
): Steps {
  const subs = subscriptions_of(mm)
  if (!subs) return
  const range: MmuNotifierRange = owner ? { mm, start, end, event, owner } : { mm, start, end, event }
  const { hit, seq } = yield* mn_itree_inv_start_range(subs, range)
  for (const sub of hit) if (sub.invalidate) yield* sub.invalidate(range, seq)
}

/** mm/mmu_notifier.c:__mmu_notifier_invalidate_range_end */
export function* mmu_notifier_invalidate_range_end(mm: Mm, _start: number, _end: number): Steps {
  const subs = subscriptions_of(mm)
  if (subs) yield* mn_itree_inv_end(subs, mm)
}

/** mm/mmu_notifier.c:__mmu_notifier_invalidate_range: for TLBs of devices that walk the CPU's tables; there are none yet. */
export function* mmu_notifier_invalidate_range(_mm: Mm, _start: number, _end: number): Steps {}

/** mm/mmu_notifier.c:__mmu_notifier_release: before the address space is torn down. */
export function* mmu_notifier_release(mm: Mm): Steps {
  yield* mmu_notifier_invalidate_range_start(mm, 0, kernel().taskSize, 'release')
  yield* mmu_notifier_invalidate_range_end(mm, 0, kernel().taskSize)
}
