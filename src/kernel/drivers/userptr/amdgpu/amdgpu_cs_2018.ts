import { load, type Steps, store } from '../../../../engine/model/step.js'
import type { DmaFence } from '../../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import { FOLL_WRITE } from '../../../include/gup_flags.js'
import type { Page } from '../../../include/page.js'
import type { WwAcquireCtx } from '../../../include/ww_mutex.js'
import { has } from '../../../kernel.js'
import { down_write, up_write } from '../../../locking/rwsem.js'
import { put_user_page } from '../../../mm/gup/put_user_page.js'
import { get_user_pages_unlocked } from '../../../mm/gup/user_pages.js'
import { dma_fence_alloc, dma_fence_put } from '../../dma_buf/dma_fence.js'
import { ttm_eu_backoff_reservation, ttm_eu_fence_buffer_objects, ttm_eu_reserve_buffers } from '../../ttm/ttm_execbuf_util.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr } from '../userptr.js'

/* drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c of 4.17, for a first submission that uses the object. */

const amdgpu_mn_lock = (bo: Userptr) => down_write(bo.notifier_lock, 'amdgpu_mn_lock(mn)')
const amdgpu_mn_unlock = (bo: Userptr) => up_write(bo.notifier_lock, 'amdgpu_mn_unlock(mn)')

const mmu_invalidations = (bo: Userptr) => load(bo.notifier_seq, { label: 'mmu_invalidations' })

/** How often the object was invalidated, before its pages are looked up. With the lock held none is under way. */
function* invalidations_before(bo: Userptr): Steps<number> {
  if (!has('amdgpu-2018-count-under-lock')) return yield* mmu_invalidations(bo)
  yield* amdgpu_mn_lock(bo)
  const count = yield* mmu_invalidations(bo)
  yield* amdgpu_mn_unlock(bo)
  return count
}

/** amdgpu_ttm_tt_set_user_pages and what follows, under the reservation. The count that belongs to the pages is read anew. */
function* bind(bo: Userptr, page: Page, count: number): Steps<number> {
  const last_set_pages = has('amdgpu-2018-count-once') ? count : yield* mmu_invalidations(bo)
  yield* store(bo.page, page.pfn + 1, { label: 'ttm->pages[0] = page' })
  yield* dma_map_sgtable(bo, page)
  yield* store(bo.gpu_pte, 1, { label: 'amdgpu_gart_bind()' })
  return last_set_pages
}

function* unbind(bo: Userptr): Steps {
  yield* store(bo.gpu_pte, 0, { label: 'amdgpu_gart_unbind()' })
  yield* dma_unmap_sgtable(bo)
  yield* store(bo.page, 0, { label: 'ttm->pages[0] = NULL' })
}

/** amdgpu_cs_submit: the work is published, unless its pages were invalidated since they were set. */
function* amdgpu_cs_submit(bo: Userptr, ticket: WwAcquireCtx, fence: DmaFence, last_set_pages: number): Steps<boolean> {
  yield* amdgpu_mn_lock(bo)
  const valid = (yield* mmu_invalidations(bo)) === last_set_pages
  if (valid) yield* ttm_eu_fence_buffer_objects(ticket, [bo.resv], fence, DMA_RESV_USAGE.READ)
  yield* amdgpu_mn_unlock(bo)
  return valid
}

/** One try: whether the work was published. The page was invalidated meanwhile otherwise. */
function* submit(bo: Userptr, page: Page, count: number, fence: DmaFence): Steps<boolean> {
  const ticket = yield* ttm_eu_reserve_buffers([bo.resv])
  if ((yield* mmu_invalidations(bo)) === count) {
    if (yield* amdgpu_cs_submit(bo, ticket, fence, yield* bind(bo, page, count))) return true
    yield* unbind(bo)
  }
  yield* ttm_eu_backoff_reservation(ticket, [bo.resv])
  yield* put_user_page(page)
  return false
}

/** amdgpu_cs_ioctl of 4.17, as often as user space tries again. Undefined: there is no memory to write to. */
export function* amdgpu_cs_ioctl_2018(bo: Userptr): Steps<DmaFence | undefined> {
  const fence = yield* dma_fence_alloc()
  for (;;) {
    const count = yield* invalidations_before(bo)
    const [page] = yield* get_user_pages_unlocked(bo.mm!, bo.address, 1, FOLL_WRITE)
    if (page && (yield* submit(bo, page, count, fence))) return fence
    if (page) continue
    yield* dma_fence_put(fence)
    return undefined
  }
}
