import { Blocked, atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { DmaFence } from '../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import type { Page } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'
import { copy_page } from '../../mm/copy_page.js'
import { observe } from '../../observer.js'
import { dma_fence_begin_signalling, dma_fence_end_signalling, dma_fence_signal, dma_fence_wait } from '../dma_buf/dma_fence.js'
import { dma_resv_add_fence, dma_resv_lock_single, dma_resv_unlock } from '../dma_buf/dma_resv.js'
import { fences_before, waits_for } from './job_dependencies.js'
import type { TtmBufferObject } from './ttm_bo.js'
import { ttm_bo_unmap_virtual } from './ttm_bo_unmap_virtual.js'
import { ttm_pool_free } from './ttm_pool_free.js'

/** The GPU is told to copy one page to another, some time, when all work that uses the object is done (amdgpu_move_blit). */
const schedule_copy = (bo: TtmBufferObject, from: Page, to: Page): Step<void> =>
  atomic('schedule copy on the GPU', (m) => {
    m.set(bo.copy_from, from.pfn)
    m.set(bo.copy_to, to.pfn)
    m.set(bo.copy_after, has('mutant-copy-ignores-fences') ? 0 : fences_before(m, bo.resv, DMA_RESV_USAGE.BOOKKEEP))
  })

/**
 * drivers/gpu/drm/ttm/ttm_bo_util.c:ttm_bo_move_accel_cleanup with ttm_bo_move_to_ghost: the object has its new page at once,
 * and a fence; the old page belongs to a ghost object, which is destroyed when the fence has signalled.
 */
export function* ttm_bo_move_accel(bo: TtmBufferObject, to: Page, fence: DmaFence): Steps {
  yield* dma_resv_lock_single(bo.resv)
  yield* ttm_bo_unmap_virtual(bo)
  const from = kernel().page(yield* load(bo.pages, { label: 'page = ttm->pages[0]' }))
  yield* schedule_copy(bo, from, to)
  yield* dma_resv_add_fence(bo.resv, fence, DMA_RESV_USAGE.KERNEL)
  yield* store(bo.pages, to.pfn, { label: 'bo->resource = new_mem' })
  yield* dma_resv_unlock(bo.resv)
  if (!has('mutant-ghost-does-not-wait')) yield* dma_fence_wait(fence)
  yield* ttm_pool_free(from)
}

const next_job = (bo: TtmBufferObject): Step<readonly [from: Page, to: Page]> =>
  atomic('next job', (m) => {
    const from = m.get(bo.copy_from)
    return from ? waits_for(m, bo.copy_after) ?? [kernel().page(from), kernel().page(m.get(bo.copy_to))] as const : new Blocked('no job')
  })

/** The GPU makes the copy, and its interrupt signals the fence. */
export function* gpu_copies(bo: TtmBufferObject, fence: DmaFence): Steps {
  const [from, to] = yield* next_job(bo)
  yield* dma_fence_begin_signalling()
  yield* observe('GPU reads page', (o, m) => o.usesPage?.(m, from))
  yield* copy_page(to, from)
  yield* dma_fence_signal(fence)
  yield* dma_fence_end_signalling()
}
