import { fetchAdd, type Steps } from '../../../engine/model/step.js'
import { no_step } from '../../../machine/entry.js'
import type { DmaBufAttachment } from './dma_buf.js'

/** drivers/dma-buf/dma-buf.c:dma_buf_pin, under the reservation: the exporter must not move the buffer from here on. */
export function* dma_buf_pin(attach: DmaBufAttachment): Steps {
  const { ops, pin_count } = attach.dmabuf
  if (ops) yield* ops.pin ? ops.pin(attach) : no_step()
  else yield* fetchAdd(pin_count, 1, { label: 'ttm_bo_pin(bo)' })
}

/** drivers/dma-buf/dma-buf.c:dma_buf_unpin, under the reservation. */
export function* dma_buf_unpin(attach: DmaBufAttachment): Steps {
  const { ops, pin_count } = attach.dmabuf
  if (ops) yield* ops.unpin ? ops.unpin(attach) : no_step()
  else yield* fetchAdd(pin_count, -1, { label: 'ttm_bo_unpin(bo)' })
}
