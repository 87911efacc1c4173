import { load, type Steps, store } from '../../../../engine/model/step.js'
import type { DmaBufAttachment } from '../dma_buf.js'
import { dma_buf_unmap_attachment } from '../dma_buf_map_attachment.js'

/** drivers/infiniband/hw/mlx5/mr.c:mlx5_ib_dmabuf_invalidate_cb: the device forgets it, which is waited for; then it is unmapped. */
export function* mlx5_ib_dmabuf_invalidate_cb(attach: DmaBufAttachment): Steps {
  if (!(yield* load(attach.iommu_pte, { label: 'umem_dmabuf->sgt' }))) return
  yield* store(attach.valid, 0, { label: 'mlx5r_umr_update_mr_pas(ZAP)' })
  yield* dma_buf_unmap_attachment(attach)
}
