import { fetchAdd, type Step } from '../../../engine/model/step.js'
import type { DmaBufAttachment } from './dma_buf.js'

/** drivers/dma-buf/dma-buf.c:dma_buf_pin, under the reservation: the exporter must not move the buffer from here on. */
export const dma_buf_pin = ({ dmabuf }: DmaBufAttachment): Step => fetchAdd(dmabuf.pin_count, 1, { label: 'ttm_bo_pin(bo)' })

/** drivers/dma-buf/dma-buf.c:dma_buf_unpin, under the reservation. */
export const dma_buf_unpin = ({ dmabuf }: DmaBufAttachment): Step => fetchAdd(dmabuf.pin_count, -1, { label: 'ttm_bo_unpin(bo)' })
