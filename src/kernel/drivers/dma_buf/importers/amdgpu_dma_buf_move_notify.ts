import { load, type Steps, store } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import type { WorkStruct } from '../../../include/workqueue.js'
import { queue_work } from '../../../workqueue/workqueue.js'
import type { DmaBufAttachment } from '../dma_buf.js'
import { dma_buf_unmap_attachment } from '../dma_buf_map_attachment.js'
import { dma_resv_lock_single, dma_resv_test_signaled, dma_resv_unlock, dma_resv_wait_timeout } from '../dma_resv.js'

/**
 * drivers/gpu/drm/amd/amdgpu/amdgpu_dma_buf.c:amdgpu_dma_buf_move_notify. The object loses what backs it (ttm_bo_pipeline_gutting): at
 * once if nothing uses it, or else a work waits for the fences.
 */
export function* amdgpu_dma_buf_move_notify(attach: DmaBufAttachment, delayed_delete: WorkStruct): Steps {
  if (!(yield* load(attach.iommu_pte, { label: 'bo->ttm->sg' }))) return
  yield* store(attach.valid, 0, { label: 'amdgpu_vm_bo_invalidate(bo)' })
  if (yield* dma_resv_test_signaled(attach.dmabuf.resv, DMA_RESV_USAGE.BOOKKEEP)) yield* dma_buf_unmap_attachment(attach)
  else yield* queue_work(delayed_delete)
}

/** drivers/gpu/drm/ttm/ttm_bo.c:ttm_bo_delayed_delete of what an import was backed by. */
export function* ttm_bo_delayed_delete(attach: DmaBufAttachment): Steps {
  yield* dma_resv_wait_timeout(attach.dmabuf.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* dma_resv_lock_single(attach.dmabuf.resv)
  yield* dma_buf_unmap_attachment(attach)
  yield* dma_resv_unlock(attach.dmabuf.resv)
}
