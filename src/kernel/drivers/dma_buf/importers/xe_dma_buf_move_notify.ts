import { type Steps, store } from '../../../../engine/model/step.js'
import type { DmaBufAttachment } from '../dma_buf.js'

/**
 * drivers/gpu/drm/xe/xe_dma_buf.c:xe_dma_buf_move_notify. Evicts its object to the system domain, where it has no use for the table:
 * xe_bo.c:xe_bo_move_dmabuf gives it back when the object is next mapped, or goes.
 */
export function* xe_dma_buf_move_notify(attach: DmaBufAttachment): Steps {
  yield* store(attach.valid, 0, { label: 'ttm_bo_move_null(bo, SYSTEM)' })
}
