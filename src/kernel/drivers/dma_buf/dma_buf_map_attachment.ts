import { load, type Steps, store } from '../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import { _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, pfn_pte } from '../../include/pgtable.js'
import { has } from '../../kernel.js'
import type { DmaBufAttachment } from './dma_buf.js'
import { dma_buf_pin, dma_buf_unpin } from './dma_buf_pin.js'
import { dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout } from './dma_resv.js'

/** Since 7.3 static importers pin what they map; before, in a kernel without CONFIG_DMABUF_MOVE_NOTIFY, all did. */
const pin_on_map = ({ isStatic }: DmaBufAttachment): boolean => has('no-dmabuf-move-notify') || (has('pin-on-map') && isStatic)

function* map_dma_buf(attach: DmaBufAttachment): Steps<number> {
  const { ops } = attach.dmabuf
  if (ops) {
    const error = yield* ops.map_dma_buf(attach)
    return typeof error === 'number' && error < 0 ? error : 0
  }
  const pfn = yield* load(attach.dmabuf.pages, { label: 'ttm->pages[0]' })
  yield* store(attach.iommu_pte, pfn_pte(pfn, _PAGE_PRESENT | _PAGE_RW | _PAGE_DIRTY), { label: 'dma_map_sgtable(sgt)' })
  return 0
}

/** drivers/dma-buf/dma-buf.c:dma_buf_map_attachment, under the reservation: the sg table of what backs the buffer now. 0 or a negative error number. */
export function* dma_buf_map_attachment(attach: DmaBufAttachment): Steps<number> {
  if (pin_on_map(attach)) yield* dma_buf_pin(attach)
  const error = yield* map_dma_buf(attach)
  if (error && pin_on_map(attach)) yield* dma_buf_unpin(attach)
  if (!error && attach.isStatic && has('pin-on-map')) yield* dma_resv_wait_timeout(attach.dmabuf.resv, DMA_RESV_USAGE.KERNEL)
  return error
}

/** drivers/dma-buf/dma-buf.c:dma_buf_unmap_attachment, under the reservation. */
export function* dma_buf_unmap_attachment(attach: DmaBufAttachment): Steps {
  const { ops } = attach.dmabuf
  if (ops) yield* ops.unmap_dma_buf(attach)
  else yield* store(attach.iommu_pte, 0, { label: 'dma_unmap_sgtable(sgt)' })
  if (pin_on_map(attach)) yield* dma_buf_unpin(attach)
}

/** What a static importer has from dma_buf_attach() on, in kernels where that maps. */
const is_cached = ({ isStatic }: DmaBufAttachment): boolean => isStatic && !has('pin-on-map')

/** drivers/dma-buf/dma-buf.c:dma_buf_map_attachment_unlocked */
export function* dma_buf_map_attachment_unlocked(attach: DmaBufAttachment): Steps<number> {
  const unlocked = has('mutant-dma-buf-pin-unlocked')
  if (is_cached(attach)) return 0
  if (!unlocked) yield* dma_resv_lock_single(attach.dmabuf.resv)
  const error = yield* dma_buf_map_attachment(attach)
  if (!unlocked) yield* dma_resv_unlock(attach.dmabuf.resv)
  return error
}

/** drivers/dma-buf/dma-buf.c:dma_buf_unmap_attachment_unlocked */
export function* dma_buf_unmap_attachment_unlocked(attach: DmaBufAttachment): Steps {
  if (is_cached(attach)) return
  yield* dma_resv_lock_single(attach.dmabuf.resv)
  yield* dma_buf_unmap_attachment(attach)
  yield* dma_resv_unlock(attach.dmabuf.resv)
}
