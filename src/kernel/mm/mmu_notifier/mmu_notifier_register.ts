import { atomic, Blocked, load, type Steps, store } from '../../../engine/model/step.js'
import { add } from '../../include/cells.js'
import type { Mm } from '../../include/mm.js'
import type { MmuNotifier } from '../../include/mmu_notifier.js'
import { has, kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { srcu_read_lock, srcu_read_unlock, synchronize_srcu } from '../../locking/srcu.js'
import { mmdrop } from '../fork/mm_count.js'
import { all_locks_free } from '../mmap/mm_take_all_locks.js'
import { vmas_of_mm } from '../mmap/vma_list.js'
import { per_vma_lock } from '../mmap_lock/per_vma_lock.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/**
 * mm/mmu_notifier.c:__mmu_notifier_register. The caller holds the mmap_lock for writing; with all locks of the rmap no invalidation
 * is under way, so that nobody is told of an end who was not told of the start.
 */
export function* __mmu_notifier_register(sub: MmuNotifier, mm: Mm): Steps {
  if (per_vma_lock() && !has('mutant-register-without-locks')) yield* lock_vmas(mm)
  yield* atomic('hlist_add_head_rcu(sub)', (m) => {
    if (!has('mutant-register-without-locks') && !all_locks_free(m, mm)) return new Blocked('mm_take_all_locks(mm)')
    m.set(sub.users, 1)
    m.set(sub.mm, mm.ref)
    m.set(sub.keeps, mm.ref)
    add(m, mm.mm_count, 1)
    return undefined
  })
}

/** mm/vma.c:mm_take_all_locks: first faults are kept out, one VMA after the other. */
function* lock_vmas(mm: Mm): Steps {
  for (const vma of yield* atomic('mas_for_each(mm)', (m) => vmas_of_mm(m, mm))) yield* vma_start_write(vma)
}

/** mm/mmu_notifier.c:mmu_notifier_register. */
export function* mmu_notifier_register(sub: MmuNotifier, mm: Mm): Steps {
  yield* mmap_write_lock(mm)
  yield* __mmu_notifier_register(sub, mm)
  yield* mmap_write_unlock(mm)
}

/** mm/mmu_notifier.c:mmu_notifier_unregister. Afterwards no callback runs any more. */
export function* mmu_notifier_unregister(sub: MmuNotifier, mm: Mm): Steps {
  const { srcu } = kernel().mmuNotifiers
  const deletesFirst = has('mutant-unregister-deletes-first')
  if (yield* load(sub.mm, { label: '!hlist_unhashed(sub)' })) {
    if (deletesFirst) yield* store(sub.mm, 0, { label: 'hlist_del_init_rcu(sub)' })
    const idx = yield* srcu_read_lock(srcu)
    if (sub.ops.release) yield* sub.ops.release(mm)
    yield* srcu_read_unlock(srcu, idx)
    if (!deletesFirst) yield* store(sub.mm, 0, { label: 'hlist_del_init_rcu(sub)' })
  }
  if (!has('mutant-unregister-no-srcu')) yield* synchronize_srcu(srcu)
  yield* mmdrop(mm)
}
