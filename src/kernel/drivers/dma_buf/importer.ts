import { atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { DmaFence } from '../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../include/dma_resv.js'
import { pte_pfn } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import type { DmaBufAttachment } from './dma_buf.js'
import { dma_buf_map_attachment, dma_buf_unmap_attachment } from './dma_buf_map_attachment.js'
import { dma_fence_alloc, dma_fence_begin_signalling, dma_fence_end_signalling, dma_fence_signal } from './dma_fence.js'
import { dma_resv_add_fence, dma_resv_lock_single, dma_resv_unlock, dma_resv_wait_timeout } from './dma_resv.js'

/**
 * What an importer does in move_notify() (the thread's invalidate_mappings), under the reservation: it notes that its
 * mapping is out of date. Work under way may go on with it.
 */
export function* move_notify(attach: DmaBufAttachment): Steps {
  yield* store(attach.valid, 0, { label: 'vm_bo->moved = true' })
  if (!has('unmap-in-move-notify')) return
  yield* dma_resv_wait_timeout(attach.dmabuf.resv, DMA_RESV_USAGE.BOOKKEEP)
  yield* dma_buf_unmap_attachment(attach)
}

/** Under the reservation: maps the buffer anew if it has moved. */
function* validate(attach: DmaBufAttachment): Steps {
  const mapped = yield* load(attach.iommu_pte, { label: 'attach->sgt' })
  if (mapped && (has('mutant-importer-keeps-mapping') || (yield* load(attach.valid, { label: 'vm_bo->moved' })))) return
  if (mapped) yield* dma_buf_unmap_attachment(attach)
  yield* dma_buf_map_attachment(attach)
  yield* store(attach.valid, 1, { label: 'vm_bo->moved = false' })
}

/** The importer's command submission: the fence of work that uses the buffer. */
export function* importer_submit(attach: DmaBufAttachment): Steps<DmaFence> {
  const { resv } = attach.dmabuf
  const late = has('mutant-importer-fences-late')
  yield* dma_resv_lock_single(resv)
  yield* validate(attach)
  const fence = yield* dma_fence_alloc()
  if (!late) yield* dma_resv_add_fence(resv, fence, DMA_RESV_USAGE.WRITE)
  yield* dma_resv_unlock(resv)
  if (late) yield* dma_resv_add_fence(resv, fence, DMA_RESV_USAGE.WRITE)
  return fence
}

/** A write of the importer's device, if the IOMMU lets it. */
const store_by_device = (attach: DmaBufAttachment, who: string, value: number) =>
  atomic(`${who}: ST = ${value}`, (m) => {
    const word = m.get(attach.iommu_pte)
    if (word === 0) return false
    const page = kernel().page(pte_pfn(word))
    m.set(page.content, value)
    for (const observer of kernel().observers) observer.writesThroughPin?.(m, page, value)
    return true
  })

/** The importer's device does its work, a write, and signals the fence. */
export function* importer_run(attach: DmaBufAttachment, fence: DmaFence, value: number): Steps {
  yield* dma_fence_begin_signalling()
  yield* store_by_device(attach, 'device', value)
  yield* dma_fence_signal(fence)
  yield* dma_fence_end_signalling()
}

/** Its device writes what it is told to by user space, with no fence for it. */
export const importer_store = (attach: DmaBufAttachment, value: number): Step<boolean> => store_by_device(attach, 'device', value)

/** A command of the importer's device that no fence stands for. */
export function* importer_rogue_command(attach: DmaBufAttachment, value: number): Steps<boolean> {
  return has('rogue-device') && (yield* store_by_device(attach, 'rogue command', value))
}
