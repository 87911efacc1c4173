// 7.3 amdgpu: the callback of an invalidation walks to the mapping of the object, which closing the handle frees under another lock.
import {
  type Allocated, holds, kfree, type MmuIntervalNotifier, mmu_interval_notifier_insert, mmu_interval_set_seq, mutex_lock,
  mutex_unlock, race, reach, type Setup, sys_munmap, violates,
} from 'mmrace'
import { type Cell, load, type Steps, store } from 'mmrace/engine'

interface Object { readonly notifier_lock: Cell; readonly mapping: Cell; readonly bo_va: Allocated<'moved'> }

function* invalidate(bo: Object, sub: MmuIntervalNotifier, seq: number): Steps<boolean> {
  yield* mutex_lock(bo.notifier_lock)
  yield* mmu_interval_set_seq(sub, seq)
  if (yield* load(bo.mapping)) {
    yield* store(bo.bo_va.moved, 1)
    yield* reach('told')
  }
  yield* mutex_unlock(bo.notifier_lock)
  return true
}

function* close(bo: Object, locks: boolean | undefined): Steps {
  if (locks) yield* mutex_lock(bo.notifier_lock)
  yield* store(bo.mapping, 0)
  if (locks) yield* mutex_unlock(bo.notifier_lock)
  yield* kfree(bo.bo_va)
}

export default race({
  name: 'notifier-list',
  title: 'a handle is closed while an invalidation looks at its mapping',
  setup: (k: Setup) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const bo = { notifier_lock: k.cell('notifier_lock'), mapping: k.cell('bo.mapping', 1), bo_va: k.object('bo_va', { moved: 0 }) }
    const sub = k.intervalNotifier('userptr', (self, _, seq) => invalidate(bo, self, seq))
    k.call(mmu_interval_notifier_insert(sub, mm, 0, 1))
    return { mm, bo }
  },
  cpus: {
    munmap: ({ mm }) => sys_munmap(mm, 0, 1),
    close: ({ bo }, { locks }: { locks?: boolean }) => close(bo, locks),
  },
  sometimes: ['told'],
  variants: { fixed: { with: { locks: true }, expect: holds }, bug: { with: { locks: false }, expect: violates('O2', 'all') } },
})
