import { fetchAdd, load, type Steps } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import { has, kernel } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { down_read_non_owner, up_read_non_owner } from '../../../locking/rwsem.js'
import { set_page_dirty } from '../../../mm/page-writeback/set_page_dirty.js'
import { mark_page_accessed } from '../../../mm/swap/mark_page_accessed.js'
import { dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import { dirty_page } from '../i915/userptr_put_pages.js'
import type { Userptr, UserptrDriver } from '../userptr.js'

/*
 * drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c of 4.17: an invalidation holds a rw_semaphore for reading from its start to its end,
 * and a submission for writing from the look at the pages to the fence.
 */

/** amdgpu_mn_read_lock. Invalidations nest, and a second down_read() would wait behind a writer: only the first takes the lock. */
function* amdgpu_mn_read_lock(bo: Userptr): Steps {
  if (has('mutant-mn-lock-without-recursion')) return yield* down_read_non_owner(bo.notifier_lock)
  yield* mutex_lock(bo.mn_lock, 'mutex_lock(read_lock)')
  if ((yield* fetchAdd(bo.invalidating, 1, { label: 'atomic_inc_return(recursion)' })) === 0) {
    yield* down_read_non_owner(bo.notifier_lock)
  }
  yield* mutex_unlock(bo.mn_lock, 'mutex_unlock(read_lock)')
}

/** amdgpu_mn_read_unlock */
function* amdgpu_mn_read_unlock(bo: Userptr): Steps {
  const nested = !has('mutant-mn-lock-without-recursion')
    && (yield* fetchAdd(bo.invalidating, -1, { label: 'atomic_dec_return(recursion)' })) !== 1
  if (!nested) yield* up_read_non_owner(bo.notifier_lock)
}

const overlaps = (bo: Userptr, { start, end }: MmuNotifierRange): boolean => start <= bo.address && bo.address < end

/** amdgpu_ttm_tt_mark_user_pages: the GPU is done with them, and may have written to them. */
function* amdgpu_ttm_tt_mark_user_pages(bo: Userptr): Steps {
  const pfn = yield* load(bo.page, { label: 'ttm->pages[0]' })
  if (!pfn) return
  const page = kernel().page(pfn - 1)
  if (has('amdgpu-2018-dirty-trylock')) yield* dirty_page(page)
  else yield* set_page_dirty(page)
  yield* mark_page_accessed(page)
}

/** amdgpu_mn_invalidate_range_start_gfx */
function* invalidate_range_start(bo: Userptr, range: MmuNotifierRange): Steps<boolean> {
  yield* amdgpu_mn_read_lock(bo)
  if (!overlaps(bo, range)) return true
  yield* bo.sequence.count({ label: 'mmu_invalidations++' })
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* amdgpu_ttm_tt_mark_user_pages(bo)
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
