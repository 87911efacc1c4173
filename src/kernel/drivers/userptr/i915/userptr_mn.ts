import { fetchAdd, load, type Steps, store, xchg } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import { has, kernel } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { spin_lock, spin_unlock } from '../../../locking/spinlock.js'
import { flush_work, queue_work } from '../../../workqueue/workqueue.js'
import { dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import type { Userptr, UserptrDriver } from '../userptr.js'
import { get_pages_worker } from './userptr_get_pages.js'
import { __i915_gem_object_put_pages, dirty_page } from './userptr_put_pages.js'

/** While the GPU may still be at work. */
function* dirty_pages(bo: Userptr): Steps {
  const pfn = yield* load(bo.page, { label: 'obj->mm.pages' })
  if (pfn) yield* dirty_page(kernel().page(pfn - 1))
}

/** drivers/gpu/drm/i915/i915_gem_userptr.c:cancel_userptr (4.16): the GPU is idle, and neither it nor the IOMMU maps the page. */
export function* cancel_userptr(bo: Userptr): Steps {
  yield* mutex_lock(bo.mm_lock, 'mutex_lock(&obj->mm.lock)')
  const active = yield* xchg(bo.work, 0, { label: 'fetch_and_zero(&obj->userptr.work)' })
  yield* mutex_unlock(bo.mm_lock, 'mutex_unlock(&obj->mm.lock)')
  if (active) return
  if (has('dirty-before-idle')) yield* dirty_pages(bo)
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* mutex_lock(bo.struct_mutex, 'mutex_lock(&dev->struct_mutex)')
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* store(bo.gpu_pte, 0, { label: 'i915_gem_object_unbind(obj)' })
  yield* __i915_gem_object_put_pages(bo)
  yield* mutex_unlock(bo.struct_mutex, 'mutex_unlock(&dev->struct_mutex)')
}

const overlaps = (bo: Userptr, { start, end }: MmuNotifierRange): boolean => start <= bo.address && bo.address < end

/** Takes the object out of the tree and gives it to the worker. False: it was not there. */
function* take_out(bo: Userptr): Steps<boolean> {
  yield* spin_lock(bo.mn_lock, 'spin_lock(&mn->lock)')
  if (has('i915-sequence-count')) yield* fetchAdd(bo.invalidating, 1, { label: 'mn->invalidating++' })
  const found = (yield* load(bo.attached, { label: 'interval_tree_iter_first()' })) !== 0
  if (found) {
    yield* queue_work(bo.release_work)
    yield* store(bo.attached, 0, { label: 'del_object(mo)' })
  }
  yield* spin_unlock(bo.mn_lock, 'spin_unlock(&mn->lock)')
  return found
}

/** drivers/gpu/drm/i915/i915_gem_userptr.c:i915_gem_userptr_mn_invalidate_range_start (4.16). */
function* invalidate_range_start(bo: Userptr, range: MmuNotifierRange): Steps<boolean> {
  if (!overlaps(bo, range)) return true
  const found = yield* take_out(bo)
  if (has('mutant-userptr-no-flush')) return true
  if (found || has('i915-flush-always')) yield* flush_work(bo.release_work)
  return true
}

/** As KVM does it; the i915 of 2018 had no such method. */
function* invalidate_range_end(bo: Userptr, range: MmuNotifierRange): Steps {
  if (!overlaps(bo, range) || !has('i915-sequence-count')) return
  yield* bo.sequence.count({ label: 'mn->seq++' })
  yield* fetchAdd(bo.invalidating, -1, { label: 'mn->invalidating--' })
}

/** The i915 of 2018: what a notifier has to do is done by a worker, for which it waits. */
export const i915_2018: UserptrDriver = (bo) => {
  bo.mn.ops = {
    invalidate_range_start: (range) => invalidate_range_start(bo, range),
    invalidate_range_end: (range) => invalidate_range_end(bo, range),
  }
  bo.get_pages_work.func = () => get_pages_worker(bo)
  bo.release_work.func = () => cancel_userptr(bo)
}

/** drivers/gpu/drm/i915/gem/i915_gem_userptr.c:userptr_mn_invalidate_range_start (5.4): the notifier does it itself. */
export function* userptr_mn_invalidate_range_start(bo: Userptr, range: MmuNotifierRange): Steps<boolean> {
  if (overlaps(bo, range) && (yield* load(bo.attached, { label: 'interval_tree_iter_first()' }))) yield* cancel_userptr(bo)
  return true
}

/** The i915 of 5.4. */
export const i915_5_4: UserptrDriver = (bo) => {
  bo.mn.ops = { invalidate_range_start: (range) => userptr_mn_invalidate_range_start(bo, range) }
  bo.get_pages_work.func = () => get_pages_worker(bo)
}
