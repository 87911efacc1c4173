import { atomic, Blocked, type Step, type Steps } from '../../../engine/model/step.js'
import type { DmaFence } from '../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import type { Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { dma_fence_begin_signalling, dma_fence_end_signalling, dma_fence_signal } from '../dma_buf/dma_fence.js'
import { dma_resv_add_fence, dma_resv_lock_single, dma_resv_unlock } from '../dma_buf/dma_resv.js'
import { dma_write } from '../dma.js'
import { fences_before, waits_for } from './job_dependencies.js'
import type { TtmBufferObject } from './ttm_bo.js'

/** The job is told where the object is now; it stays there as long as the fence is in the reservation. */
const push_job = (bo: TtmBufferObject): Step<void> =>
  atomic('drm_sched_entity_push_job()', (m) => {
    m.set(bo.job_after, fences_before(m, bo.resv, DMA_RESV_USAGE.KERNEL))
    m.set(bo.job_page, m.get(bo.pages))
  })

/** drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c:amdgpu_cs_submit, of work that writes to one object. */
export function* ttm_submit_job(bo: TtmBufferObject, fence: DmaFence): Steps {
  yield* dma_resv_lock_single(bo.resv)
  yield* push_job(bo)
  yield* dma_resv_add_fence(bo.resv, fence, DMA_RESV_USAGE.WRITE)
  yield* dma_resv_unlock(bo.resv)
}

const next_job = (bo: TtmBufferObject): Step<Page> =>
  atomic('next job', (m) => {
    const pfn = m.get(bo.job_page)
    return pfn ? waits_for(m, bo.job_after) ?? kernel().page(pfn) : new Blocked('no job')
  })

/** The GPU does it, and its interrupt signals the fence. */
export function* gpu_writes(bo: TtmBufferObject, fence: DmaFence, value: number): Steps {
  const page = yield* next_job(bo)
  yield* dma_fence_begin_signalling()
  yield* dma_write(page, value)
  yield* dma_fence_signal(fence)
  yield* dma_fence_end_signalling()
}
