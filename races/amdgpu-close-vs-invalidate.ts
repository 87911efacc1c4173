import {
  type Allocated, dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout, DMA_RESV_USAGE, type DmaResv, holds, kfree, load, MADV,
  mmu_interval_notifier_insert, mmu_interval_set_seq, mutex_lock, mutex_unlock, race, reach, type Setup, type Steps, sys_madvise, violates,
} from 'mmrace'
import { type Cell, store } from 'mmrace/engine'

/** A userptr that is mapped in one VM: bo->vm_bo leads to bo_va->base. */
interface Bo {
  readonly resv: DmaResv
  readonly notifier_lock: Cell
  readonly vm_bo: Cell
  readonly bo_va: Allocated<'next' | 'moved'>
}

/** How the driver goes about it. `walks`: since 7.3 the callback marks mappings of the object as moved. */
interface Driver {
  readonly walks?: boolean
  /** Who takes a mapping off the list has the lock of the callback. */
  readonly locks?: boolean
  /** The callback looks at the list before it takes its lock. */
  readonly early?: boolean
}

/** amdgpu_vm.c:amdgpu_vm_bo_invalidate */
function* amdgpu_vm_bo_invalidate({ vm_bo, bo_va }: Bo): Steps {
  for (let base = yield* load(vm_bo); base; base = yield* load(bo_va.next)) if (!(yield* load(bo_va.moved))) yield* store(bo_va.moved, 1)
}

/** amdgpu_hmm.c:amdgpu_hmm_invalidate_gfx */
function* invalidate(bo: Bo, driver: Driver): Steps {
  if (driver.walks && driver.early) yield* amdgpu_vm_bo_invalidate(bo)
  yield* mutex_lock(bo.notifier_lock)
  if (driver.walks && !driver.early) yield* amdgpu_vm_bo_invalidate(bo)
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* mutex_unlock(bo.notifier_lock)
}

/** amdgpu_vm.c:amdgpu_vm_bo_del, for amdgpu_gem_object_close. */
function* amdgpu_vm_bo_del({ resv, notifier_lock, vm_bo, bo_va }: Bo, { locks }: Driver): Steps {
  yield* dma_resv_lock_single(resv)
  if (locks) yield* mutex_lock(notifier_lock)
  yield* store(vm_bo, yield* load(bo_va.next))
  if (locks) yield* mutex_unlock(notifier_lock)
  yield* kfree(bo_va)
  yield* dma_resv_unlock(resv)
}

export default race({
  name: 'amdgpu-close-vs-invalidate',
  title: 'the callback of a userptr walks a list that is changed under another lock',
  seed: 'S4',
  question: 'Q21',
  references: [
    'drivers/gpu/drm/amd/amdgpu/amdgpu_hmm.c:amdgpu_hmm_invalidate_gfx of 7.3: notifier_lock alone',
    'drivers/gpu/drm/amd/amdgpu/amdgpu_vm.c:amdgpu_vm_bo_del of 7.3: the reservations alone',
  ],
  geometry: { fences: 1, pages: 1 },
  setup: (k: Setup, driver: Driver) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const bo: Bo = { resv: k.reservation('root'), notifier_lock: k.cell('notifier_lock'), vm_bo: k.cell('bo.vm_bo', 1), bo_va: k.object('bo_va', { next: 0, moved: 0 }) }
    const notifier = k.intervalNotifier('bo.notifier', function* (sub, _, cur_seq) {
      yield* mmu_interval_set_seq(sub, cur_seq)
      yield* invalidate(bo, driver)
      return true
    })
    k.call(mmu_interval_notifier_insert(notifier, mm, 0, 1))
    return { mm, bo }
  },
  cpus: {
    close: function* ({ bo }, driver) {
      yield* amdgpu_vm_bo_del(bo, driver)
      yield* reach('closed')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('zapped')
    },
  },
  sometimes: ['closed', 'zapped'],
  variants: {
    fixed: { with: { walks: true, locks: true }, expect: holds, because: 'a mapping that the callback has found is not freed before it is done' },
    bug: {
      with: { walks: true },
      expect: violates('O2', 'all'),
      because: '7.3 as it is: the object is closed under its reservation, which the callback does not take',
    },
    '6.12': { expect: holds, because: 'the callback waits for fences, and looks at no list' },
    'looks-early': {
      with: { walks: true, locks: true, early: true },
      expect: violates('O2', 'all'),
      because: 'the list is walked before the lock is there',
    },
  },
})
