import { fetchAdd, load, type Steps, store } from '../../../../engine/model/step.js'
import type { DmaFence } from '../../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import { FOLL_WRITE } from '../../../include/gup_flags.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import type { Page } from '../../../include/page.js'
import { applied } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { down_read, down_write, up_read, up_write } from '../../../locking/rwsem.js'
import { put_user_page } from '../../../mm/gup/put_user_page.js'
import { get_user_pages_unlocked } from '../../../mm/gup/user_pages.js'
import { dma_fence_alloc } from '../../dma_buf/dma_fence.js'
import { dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import { ttm_eu_backoff_reservation, ttm_eu_fence_buffer_objects, ttm_eu_reserve_buffers } from '../../ttm/ttm_execbuf_util.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr, UserptrDriver } from '../userptr.js'

/*
 * drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c of 4.17: an invalidation holds a rw_semaphore for reading from its start to its end,
 * and a submission for writing from the look at the pages to the fence.
 */

/** amdgpu_mn_read_lock. Invalidations nest, and a second down_read() would wait behind a writer: only the first takes the lock. */
function* amdgpu_mn_read_lock(bo: Userptr): Steps {
  if (applied('mutant-mn-lock-without-recursion')) return yield* down_read(bo.notifier_lock, 'down_read_non_owner(lock)')
  yield* mutex_lock(bo.mn_lock, 'mutex_lock(read_lock)')
  if ((yield* fetchAdd(bo.invalidating, 1, { label: 'atomic_inc_return(recursion)' })) === 0) {
    yield* down_read(bo.notifier_lock, 'down_read_non_owner(lock)')
  }
  yield* mutex_unlock(bo.mn_lock, 'mutex_unlock(read_lock)')
}

/** amdgpu_mn_read_unlock */
function* amdgpu_mn_read_unlock(bo: Userptr): Steps {
  const nested = !applied('mutant-mn-lock-without-recursion')
    && (yield* fetchAdd(bo.invalidating, -1, { label: 'atomic_dec_return(recursion)' })) !== 1
  if (!nested) yield* up_read(bo.notifier_lock, 'up_read_non_owner(lock)')
}

const overlaps = (bo: Userptr, { start, end }: MmuNotifierRange): boolean => start <= bo.address && bo.address < end

/** amdgpu_mn_invalidate_range_start_gfx */
function* invalidate_range_start(bo: Userptr, range: MmuNotifierRange): Steps<boolean> {
  yield* amdgpu_mn_read_lock(bo)
  if (!overlaps(bo, range)) return true
  yield* fetchAdd(bo.notifier_seq, 1, { label: 'mmu_invalidations++' })
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  return true
}

/** amdgpu_mn_invalidate_range_end */
function* invalidate_range_end(bo: Userptr): Steps {
  yield* amdgpu_mn_read_unlock(bo)
}

export const amdgpu_2018: UserptrDriver = (bo) => {
  bo.mn.ops = {
    invalidate_range_start: (range) => invalidate_range_start(bo, range),
    invalidate_range_end: () => invalidate_range_end(bo),
  }
}

/** Under the reservation: the object is this page. */
function* bind(bo: Userptr, page: Page): Steps {
  yield* dma_map_sgtable(bo, page)
  yield* store(bo.gpu_pte, 1, { label: 'amdgpu_gart_bind()' })
}

function* unbind(bo: Userptr, page: Page): Steps {
  yield* store(bo.gpu_pte, 0, { label: 'amdgpu_gart_unbind()' })
  yield* dma_unmap_sgtable(bo)
  yield* put_user_page(page)
}

/** One try of amdgpu_cs_ioctl of 4.17: undefined if the page was invalidated meanwhile. */
function* submit(bo: Userptr, page: Page, seq: number): Steps<DmaFence | undefined> {
  const ticket = yield* ttm_eu_reserve_buffers([bo.resv])
  yield* bind(bo, page)
  yield* down_write(bo.notifier_lock, 'amdgpu_mn_lock(mn)')
  const valid = (yield* load(bo.notifier_seq, { label: 'mmu_invalidations' })) === seq
  const fence = valid ? yield* dma_fence_alloc() : undefined
  if (fence) yield* ttm_eu_fence_buffer_objects(ticket, [bo.resv], fence, DMA_RESV_USAGE.READ)
  yield* up_write(bo.notifier_lock, 'amdgpu_mn_unlock(mn)')
  if (fence) return fence
  yield* unbind(bo, page)
  yield* ttm_eu_backoff_reservation(ticket, [bo.resv])
  return undefined
}

/** drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c:amdgpu_cs_ioctl of 4.17. Undefined: there is no memory to write to. */
export function* amdgpu_cs_ioctl_2018(bo: Userptr): Steps<DmaFence | undefined> {
  for (;;) {
    const seq = yield* load(bo.notifier_seq, { label: 'mmu_invalidations' })
    const [page] = yield* get_user_pages_unlocked(bo.mm!, bo.address, 1, FOLL_WRITE)
    if (!page) return undefined
    const fence = yield* submit(bo, page, seq)
    if (fence) return fence
  }
}
