import { load, type Steps, store } from '../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import { EBUSY } from '../../include/errno.js'
import type { Page } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'
import { copy_page } from '../../mm/copy_page.js'
import { ttm_pool_free } from '../ttm/ttm_pool_free.js'
import type { DmaBuf } from './dma_buf.js'
import { dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout } from './dma_resv.js'
import { move_notify } from './importer.js'

/** drivers/dma-buf/dma-buf.c:dma_buf_invalidate_mappings, under the reservation: all importers are told. */
export function* dma_buf_invalidate_mappings(dmabuf: DmaBuf): Steps {
  for (const attach of dmabuf.attachments) {
    const { importer_ops } = attach
    const invalidate = importer_ops ? importer_ops.invalidate_mappings ?? importer_ops.move_notify : move_notify
    if (invalidate) yield* invalidate(attach)
  }
}

/** drivers/dma-buf/dma-buf.c:dma_buf_move_notify: what dma_buf_invalidate_mappings() is called in 6.1 and 6.12. */
export const dma_buf_move_notify = (dmabuf: DmaBuf): Steps => dma_buf_invalidate_mappings(dmabuf)

/** Under the reservation: tells importers, waits for all that uses the old page, copies it, and frees it. */
function* move(dmabuf: DmaBuf, to: Page): Steps {
  yield* dma_buf_invalidate_mappings(dmabuf)
  if (!has('mutant-exporter-does-not-wait')) yield* dma_resv_wait_timeout(dmabuf.resv, DMA_RESV_USAGE.BOOKKEEP)
  const from = kernel().page(yield* load(dmabuf.pages, { label: 'ttm->pages[0]' }))
  yield* copy_page(to, from)
  yield* store(dmabuf.pages, to.pfn, { label: 'bo->resource = new_mem' })
  yield* ttm_pool_free(from)
}

/** The exporter moves the memory of the buffer, if nobody has pinned it, as drivers/gpu/drm/amd/amdgpu/amdgpu_object.c:amdgpu_bo_move_notify has it. */
export function* exporter_move(dmabuf: DmaBuf, to: Page): Steps<number> {
  yield* dma_resv_lock_single(dmabuf.resv)
  const pinned = !has('mutant-move-ignores-pins') && (yield* load(dmabuf.pin_count, { label: 'bo->pin_count' })) > 0
  if (!pinned) yield* move(dmabuf, to)
  yield* dma_resv_unlock(dmabuf.resv)
  return pinned ? -EBUSY : 0
}
