import type { Cell, Memory } from '../../../engine/model/memory.js'
import type { Steps } from '../../../engine/model/step.js'
import { format_word } from '../../include/format_word.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { DmaResv } from '../../include/dma_resv.js'
import type { TtmBufferObject } from '../ttm/ttm_bo.js'

/** struct dma_buf_ops: what the exporter does, under the reservation. Without them it is as amdgpu is. */
export interface DmaBufOps {
  /** The importer relies on it that the buffer does not move, from here to unpin. */
  pin?(attach: DmaBufAttachment): Steps<unknown>
  unpin?(attach: DmaBufAttachment): Steps<unknown>
  /** Lets the importer's device reach what backs the buffer: dma_map_sgtable(attach, page). A negative error number otherwise. */
  map_dma_buf(attach: DmaBufAttachment): Steps<unknown>
  /** Takes that away: dma_unmap_sgtable(attach). */
  unmap_dma_buf(attach: DmaBufAttachment): Steps<unknown>
}

/** struct dma_buf_attach_ops: what an importer does, under the reservation. Without them it is as amdgpu is. */
export interface DmaBufAttachOps {
  /** The buffer is about to move, or to be taken away. Afterwards its memory is quiet only when fences have signalled and it is unmapped. */
  invalidate_mappings?(attach: DmaBufAttachment): Steps<unknown>
  /** What invalidate_mappings is called in 6.1 and 6.12. */
  move_notify?(attach: DmaBufAttachment): Steps<unknown>
}

/** struct dma_buf: a buffer object of one page that its driver, the exporter, lends to devices of others, and may move. */
export class DmaBuf {
  readonly resv: DmaResv
  /** pfn of the page that backs it now. */
  readonly pages: Cell
  /** Times that importers have pinned it: it must not move then. */
  readonly pin_count: Cell
  /** Set when drivers attach, before anything runs. */
  readonly attachments: DmaBufAttachment[] = []
  /** file->f_mapping: what mappings of the buffer are found by. */
  f_mapping: AddressSpace | undefined

  constructor(private readonly memory: Memory, private readonly name: string, { resv, pages }: TtmBufferObject, readonly ops?: DmaBufOps) {
    this.resv = resv
    this.pages = pages
    this.pin_count = memory.cell(`${name}.pin_count`)
  }

  /** dma_buf_dynamic_attach() of one more device. A static one is told of nothing: what it has mapped is pinned. */
  attach(importer_ops?: DmaBufAttachOps | 'static'): DmaBufAttachment {
    const ops = importer_ops === 'static' ? {} : importer_ops
    const attachment = new DmaBufAttachment(this.memory, `${this.name}.attachment${this.attachments.length}`, this, ops, importer_ops === 'static')
    this.attachments.push(attachment)
    return attachment
  }
}

/** struct dma_buf_attachment, and what the importer has of it. */
export class DmaBufAttachment {
  /** The IOMMU's entry for the device: the sg table that the exporter made. */
  readonly iommu_pte: Cell
  /** The importer's mark: that mapping holds. invalidate_mappings() takes it away. */
  readonly valid: Cell

  constructor(memory: Memory, name: string, readonly dmabuf: DmaBuf, readonly importer_ops: DmaBufAttachOps | undefined, readonly isStatic: boolean) {
    this.iommu_pte = memory.cell(`${name}.iommu_pte`, 0, { format: format_word })
    this.valid = memory.cell(`${name}.valid`)
  }
}
