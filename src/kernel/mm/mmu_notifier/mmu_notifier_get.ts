import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import type { Mm } from '../../include/mm.js'
import type { MmuNotifier } from '../../include/mmu_notifier.js'
import { has, kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { call_srcu, srcu_grace_period, synchronize_srcu } from '../../locking/srcu.js'
import { mmdrop } from '../fork/mm_count.js'
import { __mmu_notifier_register } from './mmu_notifier_register.js'

/** mm/mmu_notifier.c:find_get_mmu_notifier. One step: under subscriptions->lock. */
export const find_get_mmu_notifier = (driver: unknown, mm: Mm): Step<MmuNotifier | undefined> =>
  atomic('find_get_mmu_notifier(mm, ops)', (m) => {
    const sub = kernel().mmuNotifiers.list.find((one) => one.driver === driver && m.get(one.mm) === mm.ref)
    if (sub && !has('mutant-get-does-not-count')) add(m, sub.users, 1)
    return sub
  })

/** mm/mmu_notifier.c:mmu_notifier_get: the subscription that the driver has, or `fresh`, registered. Given back with mmu_notifier_put(). */
export function* mmu_notifier_get(fresh: MmuNotifier, mm: Mm): Steps<MmuNotifier> {
  yield* mmap_write_lock(mm)
  const known = yield* find_get_mmu_notifier(fresh.driver, mm)
  if (!known) yield* __mmu_notifier_register(fresh, mm)
  yield* mmap_write_unlock(mm)
  return known ?? fresh
}

/** mm/mmu_notifier.c:mmu_notifier_free_rcu */
export function* mmu_notifier_free_rcu(sub: MmuNotifier): Steps {
  yield* srcu_grace_period(kernel().mmuNotifiers.srcu)
  const mm = kernel().mms.deref(yield* load(sub.keeps, { label: 'subscription->mm' }))
  yield* sub.ops.free_notifier!()
  yield* mmdrop(mm)
}

/** Whether the last user has given it back: then it is on no list any more. One step: under subscriptions->lock. */
const last_put = (sub: MmuNotifier): Step<boolean> =>
  atomic('--users; hlist_del_init_rcu(sub)', (m) => {
    if (add(m, sub.users, -1) > 0) return false
    m.set(sub.mm, 0)
    return true
  })

/** mm/mmu_notifier.c:mmu_notifier_put. Does not wait: who is in a callback goes on, and free_notifier comes later. */
export function* mmu_notifier_put(sub: MmuNotifier): Steps {
  if (!(yield* last_put(sub))) return
  if (has('mutant-put-frees-at-once')) yield* sub.ops.free_notifier!()
  else yield* call_srcu(sub.rcu!)
}

/** mm/mmu_notifier.c:mmu_notifier_synchronize: before a module goes. What was given back before has been freed. */
export function* mmu_notifier_synchronize(): Steps {
  if (!has('mutant-unload-without-synchronize')) yield* synchronize_srcu(kernel().mmuNotifiers.srcu)
}
