import type { Steps } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import { has } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { mmu_interval_set_seq } from '../../../mm/mmu_interval_notifier.js'
import { dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import type { Userptr, UserptrDriver } from '../userptr.js'

/**
 * drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c:amdgpu_mn_invalidate_gfx. Nothing new may begin, and what has begun is waited for.
 * What the IOMMU maps stays mapped until the next submission.
 */
export function* amdgpu_mn_invalidate_gfx(bo: Userptr, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (range.blockable === false) return false
  yield* mutex_lock(bo.notifier_lock, 'mutex_lock(notifier_lock)')
  yield* mmu_interval_set_seq(bo.notifier, cur_seq)
  if (!has('mutant-invalidate-without-wait')) yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* mutex_unlock(bo.notifier_lock, 'mutex_unlock(notifier_lock)')
  return true
}

/** Until b39df63b16b6 user space could ask that the driver is not told of changes, as if pages were still pinned. */
export const amdgpu: UserptrDriver = (bo) => {
  if (!has('b39df63b16b6')) return
  bo.notifier.invalidate = (range, seq) => amdgpu_mn_invalidate_gfx(bo, range, seq)
}
