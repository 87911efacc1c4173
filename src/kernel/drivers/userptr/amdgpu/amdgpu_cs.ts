import { load, type Steps, store } from '../../../../engine/model/step.js'
import type { DmaFence } from '../../../include/dma_fence.js'
import { DMA_RESV_USAGE, type DmaResv } from '../../../include/dma_resv.js'
import { __GFP_NORETRY, __GFP_NOWARN, GFP_KERNEL, GFP_NOIO, GFP_NOWAIT } from '../../../include/gfp.js'
import type { Page } from '../../../include/page.js'
import type { WwAcquireCtx } from '../../../include/ww_mutex.js'
import { has } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { memalloc_restore, memalloc_save, PF_MEMALLOC } from '../../../mm/might_alloc.js'
import { __alloc_pages_slowpath } from '../../../mm/vmscan/alloc_slowpath.js'
import { dma_fence_alloc, dma_fence_put } from '../../dma_buf/dma_fence.js'
import { dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import { ttm_eu_backoff_reservation, ttm_eu_fence_buffer_objects, ttm_eu_reserve_buffers } from '../../ttm/ttm_execbuf_util.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../dma_map.js'
import type { HmmPages } from '../hmm_get_pages.js'
import type { Userptr } from '../userptr.js'
import { amdgpu_ttm_tt_get_user_pages, amdgpu_ttm_tt_get_user_pages_done } from './amdgpu_ttm_tt_get_user_pages.js'

/** What is submitted: work on an object that is user memory, and on others. */
interface Submission {
  readonly bo: Userptr
  /** Of all of them. */
  readonly resvs: readonly DmaResv[]
}

type Submitted = DmaFence | 'again' | 'no memory'

/** drivers/gpu/drm/amd/amdgpu/amdgpu_ttm.c:amdgpu_bo_move, to the system domain: when nothing uses the old pages any more. */
function* unbind(bo: Userptr): Steps {
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* store(bo.gpu_pte, 0, { label: 'amdgpu_gart_unbind()' })
  yield* dma_unmap_sgtable(bo)
}

/** drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c:amdgpu_cs_list_validate, under the reservation: other pages are bound anew. */
export function* amdgpu_cs_list_validate(bo: Userptr, page: Page): Steps {
  const bound = yield* load(bo.page, { label: 'ttm->pages' })
  if (bound === page.pfn + 1) return
  if (bound) yield* unbind(bo)
  yield* store(bo.page, page.pfn + 1, { label: 'ttm->pages = user_pages' })
  yield* dma_map_sgtable(bo, page)
  yield* store(bo.gpu_pte, 1, { label: 'amdgpu_gart_bind()' })
}

/** What an allocation with the notifier lock held may do, in kernels where there is one. 6.1 has all it needs before. */
const GFP_UNDER_LOCK: readonly (readonly [change: string, gfp: number])[] = [
  ['gfp-kernel-under-notifier-lock', GFP_KERNEL], ['gfp-noio-under-notifier-lock', GFP_NOIO],
  ['gfp-noretry-under-notifier-lock', GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN], ['gfp-nowait-under-notifier-lock', GFP_NOWAIT],
  ['noreclaim-under-notifier-lock', GFP_KERNEL],
]

function* allocate_under_notifier_lock(): Steps {
  const allocation = GFP_UNDER_LOCK.find(([change]) => has(change))
  if (!allocation) return
  const [change, gfp] = allocation
  const scope = change === 'noreclaim-under-notifier-lock'
  if (scope) yield* memalloc_save(PF_MEMALLOC)
  yield* __alloc_pages_slowpath(gfp)
  if (scope) yield* memalloc_restore(PF_MEMALLOC)
}

/** The fence with the reservation: from here on the callback waits for the work. False: the pages are not these any more. */
function* publish({ bo, resvs }: Submission, ticket: WwAcquireCtx, range: HmmPages, fence: DmaFence): Steps<boolean> {
  if (!has('userptr-no-retry') && !(yield* amdgpu_ttm_tt_get_user_pages_done(bo, range))) return false
  yield* allocate_under_notifier_lock()
  yield* ttm_eu_fence_buffer_objects(ticket, resvs, fence, DMA_RESV_USAGE.READ)
  return true
}

/** drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c:amdgpu_cs_submit. False: again (-EAGAIN). */
export function* amdgpu_cs_submit(job: Submission, ticket: WwAcquireCtx, range: HmmPages, fence: DmaFence): Steps<boolean> {
  if (has('mutant-publish-unlocked')) return yield* publish(job, ticket, range, fence)
  yield* mutex_lock(job.bo.notifier_lock, 'mutex_lock(notifier_lock)')
  const done = yield* publish(job, ticket, range, fence)
  yield* mutex_unlock(job.bo.notifier_lock, 'mutex_unlock(notifier_lock)')
  return done
}

/**
 * One try of amdgpu_cs_ioctl: a fence, or whether to try again. Pages are looked up, and the job with its fences
 * allocated, before anything is reserved.
 */
function* try_submit(job: Submission): Steps<Submitted> {
  if (has('user-pages-under-reservation')) return yield* with_fence(job, undefined)
  const range = yield* amdgpu_ttm_tt_get_user_pages(job.bo)
  return range ? yield* with_fence(job, range) : 'no memory'
}

/** Without a range yet it is looked up with the reservations held. */
function* with_fence(job: Submission, known: HmmPages | undefined): Steps<Submitted> {
  const fence = yield* dma_fence_alloc()
  const ticket = yield* ttm_eu_reserve_buffers(job.resvs)
  let range = known ?? (yield* amdgpu_ttm_tt_get_user_pages(job.bo))
  while (range) {
    yield* amdgpu_cs_list_validate(job.bo, range.page)
    if (yield* amdgpu_cs_submit(job, ticket, range, fence)) return fence
    if (!has('mutant-retry-keeps-reservations')) break
    range = yield* amdgpu_ttm_tt_get_user_pages(job.bo)
  }
  yield* ttm_eu_backoff_reservation(ticket, job.resvs)
  yield* dma_fence_put(fence)
  return range ? 'again' : 'no memory'
}

/**
 * drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c:amdgpu_cs_ioctl of 6.1, as often as user space tries again: the fence of work that
 * uses the object, and others. Undefined: there is no memory.
 */
export function* amdgpu_cs_ioctl(bo: Userptr, others: readonly DmaResv[] = []): Steps<DmaFence | undefined> {
  for (;;) {
    const result = yield* try_submit({ bo, resvs: [bo.resv, ...others] })
    if (result !== 'again') return result === 'no memory' ? undefined : result
  }
}
