import { load, type Steps, store } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import { has } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { down_write, up_write } from '../../../locking/rwsem.js'
import { mmu_interval_set_seq } from '../../../mm/mmu_interval_notifier.js'
import { dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import { dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr, UserptrDriver } from '../userptr.js'

/**
 * drivers/gpu/drm/xe/xe_hmm.c:xe_hmm_userptr_unmap. The table itself stays: somebody may be about to bind it. Who has
 * unmapped it says so under a mutex, since two may come.
 */
export function* xe_hmm_userptr_unmap(bo: Userptr): Steps {
  yield* mutex_lock(bo.mm_lock, 'mutex_lock(unmap_mutex)')
  if (yield* load(bo.iommu_pte, { label: 'userptr->mapped' })) yield* dma_unmap_sgtable(bo)
  yield* mutex_unlock(bo.mm_lock, 'mutex_unlock(unmap_mutex)')
}

/** drivers/gpu/drm/xe/xe_vm.c:vma_userptr_invalidate (6.14). */
export function* vma_userptr_invalidate(bo: Userptr, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (range.blockable === false) return false
  yield* down_write(bo.notifier_lock, 'down_write(notifier_lock)')
  yield* mmu_interval_set_seq(bo.notifier, cur_seq)
  yield* dma_resv_wait_timeout(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* store(bo.gpu_pte, 0, { label: 'xe_vm_invalidate_vma()' })
  if (has('ba767b9d01a2')) yield* xe_hmm_userptr_unmap(bo)
  yield* up_write(bo.notifier_lock, 'up_write(notifier_lock)')
  return true
}

export const xe: UserptrDriver = (bo) => {
  bo.notifier.invalidate = (range, seq) => vma_userptr_invalidate(bo, range, seq)
}
