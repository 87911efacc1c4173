import { fetchAdd, type Steps } from '../../../engine/model/step.js'
import type { DmaBufAttachment } from './dma_buf.js'
import { dma_resv_lock_single, dma_resv_unlock } from './dma_resv.js'

/** drivers/dma-buf/dma-buf.c:dma_buf_pin: for an importer that cannot be told of moves, or scans out from the memory. */
export function* dma_buf_pin({ dmabuf }: DmaBufAttachment): Steps {
  yield* dma_resv_lock_single(dmabuf.resv)
  yield* fetchAdd(dmabuf.pin_count, 1, { label: 'ttm_bo_pin(bo)' })
  yield* dma_resv_unlock(dmabuf.resv)
}

/** drivers/dma-buf/dma-buf.c:dma_buf_unpin */
export function* dma_buf_unpin({ dmabuf }: DmaBufAttachment): Steps {
  yield* dma_resv_lock_single(dmabuf.resv)
  yield* fetchAdd(dmabuf.pin_count, -1, { label: 'ttm_bo_unpin(bo)' })
  yield* dma_resv_unlock(dmabuf.resv)
}
