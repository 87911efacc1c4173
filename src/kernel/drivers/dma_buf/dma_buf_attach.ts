import type { Steps } from '../../../engine/model/step.js'
import { has } from '../../kernel.js'
import type { DmaBufAttachment } from './dma_buf.js'
import { dma_buf_map_attachment, dma_buf_unmap_attachment } from './dma_buf_map_attachment.js'
import { dma_buf_pin, dma_buf_unpin } from './dma_buf_pin.js'
import { dma_resv_lock_single, dma_resv_unlock } from './dma_resv.js'

/**
 * drivers/dma-buf/dma-buf.c:dma_buf_attach, of an importer that cannot be told of moves: until 7.3 the buffer is pinned and mapped from
 * here to dma_buf_detach().
 */
export function* dma_buf_attach(attach: DmaBufAttachment): Steps {
  if (has('pin-on-map')) return
  const unlocked = has('mutant-dma-buf-pin-unlocked')
  if (!unlocked) yield* dma_resv_lock_single(attach.dmabuf.resv)
  yield* dma_buf_pin(attach)
  yield* dma_buf_map_attachment(attach)
  if (!unlocked) yield* dma_resv_unlock(attach.dmabuf.resv)
}

/** drivers/dma-buf/dma-buf.c:dma_buf_detach. */
export function* dma_buf_detach(attach: DmaBufAttachment): Steps {
  if (has('pin-on-map')) return
  yield* dma_resv_lock_single(attach.dmabuf.resv)
  yield* dma_buf_unmap_attachment(attach)
  yield* dma_buf_unpin(attach)
  yield* dma_resv_unlock(attach.dmabuf.resv)
}
