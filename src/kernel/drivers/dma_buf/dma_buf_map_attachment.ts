import { load, type Steps, store } from '../../../engine/model/step.js'
import { _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, pfn_pte } from '../../include/pgtable.js'
import { has } from '../../kernel.js'
import type { DmaBufAttachment } from './dma_buf.js'
import { dma_buf_pin, dma_buf_unpin } from './dma_buf_pin.js'

/**
 * drivers/dma-buf/dma-buf.c:dma_buf_map_attachment, under the reservation: the sg table of what backs the buffer now. In a
 * kernel without CONFIG_DMABUF_MOVE_NOTIFY the buffer is pinned while it is mapped.
 */
export function* dma_buf_map_attachment(attach: DmaBufAttachment): Steps {
  if (has('no-dmabuf-move-notify')) yield* dma_buf_pin(attach)
  const { ops } = attach.dmabuf
  if (ops) return void (yield* ops.map_dma_buf(attach))
  const pfn = yield* load(attach.dmabuf.pages, { label: 'ttm->pages[0]' })
  yield* store(attach.iommu_pte, pfn_pte(pfn, _PAGE_PRESENT | _PAGE_RW | _PAGE_DIRTY), { label: 'dma_map_sgtable(sgt)' })
}

/** drivers/dma-buf/dma-buf.c:dma_buf_unmap_attachment, under the reservation. */
export function* dma_buf_unmap_attachment(attach: DmaBufAttachment): Steps {
  const { ops } = attach.dmabuf
  if (ops) yield* ops.unmap_dma_buf(attach)
  else yield* store(attach.iommu_pte, 0, { label: 'dma_unmap_sgtable(sgt)' })
  if (has('no-dmabuf-move-notify')) yield* dma_buf_unpin(attach)
}
