import { holding } from '../../../../engine/model/lock.js'
import { load, type Steps, store } from '../../../../engine/model/step.js'
import type { DmaFence } from '../../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import { FOLL_WRITE } from '../../../include/gup_flags.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import type { Page } from '../../../include/page.js'
import { has, kernel } from '../../../kernel.js'
import { read_lock, read_unlock, write_lock, write_unlock } from '../../../locking/rwlock.js'
import { PF_EXITING } from '../../../mm/fork/do_exit.js'
import { unpin_user_page } from '../../../mm/gup/unpin_user_page.js'
import { pin_user_pages_fast } from '../../../mm/gup/user_pages.js'
import { mmu_interval_read_begin, mmu_interval_read_retry, mmu_interval_set_seq } from '../../../mm/mmu_interval_notifier.js'
import { mark_page_accessed } from '../../../mm/swap/mark_page_accessed.js'
import { dma_fence_alloc, dma_fence_signal } from '../../dma_buf/dma_fence.js'
import { dma_resv_add_fence, dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr, UserptrDriver } from '../userptr.js'
import { dirty_page } from './userptr_put_pages.js'

/*
 * drivers/gpu/drm/i915/gem/i915_gem_userptr.c of 6.1. The pages stay pinned, and mapped by the IOMMU, until the next
 * submission. One submission at a time: page_ref is not modelled.
 */

/**
 * i915_gem_userptr_invalidate: unbinding is left to the next submission. A process that exits is not waited for; since 6.12 nobody is,
 * and what keeps the GPU from memory of others is the pin alone.
 */
function* i915_gem_userptr_invalidate(bo: Userptr, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (has('i915-userptr-nowait')) {
    yield* mmu_interval_set_seq(bo.notifier, cur_seq)
    return true
  }
  if (range.blockable === false) return false
  yield* write_lock(bo.notifier_lock, 'write_lock(&notifier_lock)')
  yield* mmu_interval_set_seq(bo.notifier, cur_seq)
  yield* write_unlock(bo.notifier_lock, 'write_unlock(&notifier_lock)')
  if ((yield* holding(PF_EXITING)) && !has('i915-waits-at-exit')) return true
  if (!has('mutant-invalidate-without-wait')) yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  return true
}

export const i915: UserptrDriver = (bo) => {
  bo.notifier.invalidate = (range, seq) => i915_gem_userptr_invalidate(bo, range, seq)
}

/** i915_gem_object_userptr_unbind and i915_gem_userptr_put_pages, under the reservation. */
export function* i915_gem_object_userptr_unbind(bo: Userptr): Steps {
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* store(bo.gpu_pte, 0, { label: 'i915_gem_object_unbind(obj)' })
  const pfn = yield* load(bo.page, { label: 'obj->mm.pages' })
  if (!pfn) return
  const page = kernel().page(pfn - 1)
  yield* store(bo.page, 0, { label: 'obj->mm.pages = NULL' })
  yield* dma_unmap_sgtable(bo)
  yield* dirty_page(page)
  yield* mark_page_accessed(page)
  yield* unpin_user_page(page)
}

/** Under the reservation: the pages that are there still do, or they go. */
function* still_valid(bo: Userptr, seq: number): Steps<boolean> {
  if ((yield* load(bo.page, { label: 'obj->userptr.pvec' })) !== 0
    && (yield* load(bo.notifier_seq, { label: 'obj->userptr.notifier_seq' })) === seq) return true
  yield* i915_gem_object_userptr_unbind(bo)
  return false
}

/** Under the reservation: the page becomes the object's, unless an invalidation came in between. */
function* publish_pages(bo: Userptr, page: Page, seq: number): Steps<boolean> {
  if (!has('userptr-no-retry') && (yield* mmu_interval_read_retry(bo.notifier, seq))) return false
  yield* store(bo.page, page.pfn + 1, { label: 'obj->userptr.pvec = pvec' })
  yield* store(bo.notifier_seq, seq, { label: 'obj->userptr.notifier_seq' })
  yield* dma_map_sgtable(bo, page)
  return true
}

type Got = 'pages' | 'again' | 'no memory'

/** i915_gem_object_userptr_submit_init */
function* i915_gem_object_userptr_submit_init(bo: Userptr): Steps<Got> {
  const seq = yield* mmu_interval_read_begin(bo.notifier, bo.mm!)
  yield* dma_resv_lock_single(bo.resv)
  const valid = yield* still_valid(bo, seq)
  yield* dma_resv_unlock(bo.resv)
  if (valid) return 'pages'
  const [page] = yield* pin_user_pages_fast(bo.mm!, bo.address, 1, FOLL_WRITE)
  if (!page) return 'no memory'
  yield* dma_resv_lock_single(bo.resv)
  const published = yield* publish_pages(bo, page, seq)
  yield* dma_resv_unlock(bo.resv)
  if (published) return 'pages'
  yield* unpin_user_page(page)
  return 'again'
}

/** i915_gem_object_userptr_submit_done, under the notifier lock, which went in 6.12. */
function* userptr_submit_done(bo: Userptr): Steps<boolean> {
  const locks = !has('i915-userptr-nowait')
  if (locks) yield* read_lock(bo.notifier_lock, 'read_lock(&notifier_lock)')
  const seq = yield* load(bo.notifier_seq, { label: 'obj->userptr.notifier_seq' })
  const retry = !has('userptr-no-retry') && (yield* mmu_interval_read_retry(bo.notifier, seq))
  if (locks) yield* read_unlock(bo.notifier_lock, 'read_unlock(&notifier_lock)')
  return !retry
}

/** drivers/gpu/drm/i915/gem/i915_gem_execbuffer.c:eb_submit. First the fence, then the look; a request that came too late is skipped. */
export function* eb_submit(bo: Userptr): Steps<DmaFence | undefined> {
  yield* store(bo.gpu_pte, 1, { label: 'i915_vma_bind(vma)' })
  const fence = yield* dma_fence_alloc()
  const early = has('mutant-look-before-fence')
  let done = early ? yield* userptr_submit_done(bo) : true
  yield* dma_resv_add_fence(bo.resv, fence, DMA_RESV_USAGE.WRITE)
  if (!early) done = yield* userptr_submit_done(bo)
  if (done) return fence
  yield* dma_fence_signal(fence)
  return undefined
}

function* try_exec(bo: Userptr): Steps<DmaFence | 'again' | 'no memory'> {
  const got = yield* i915_gem_object_userptr_submit_init(bo)
  if (got !== 'pages') return got
  yield* dma_resv_lock_single(bo.resv)
  const fence = yield* eb_submit(bo)
  yield* dma_resv_unlock(bo.resv)
  return fence ?? 'again'
}

/** drivers/gpu/drm/i915/gem/i915_gem_execbuffer.c:i915_gem_do_execbuffer. Undefined: there is no memory. */
export function* i915_gem_do_execbuffer(bo: Userptr): Steps<DmaFence | undefined> {
  for (;;) {
    const result = yield* try_exec(bo)
    if (result !== 'again') return result === 'no memory' ? undefined : result
  }
}
