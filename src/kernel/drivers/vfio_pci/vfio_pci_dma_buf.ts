import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import { ENODEV } from '../../include/errno.js'
import type { Page } from '../../include/page.js'
import { has, type Kernel } from '../../kernel.js'
import { complete } from '../../sched/completion.js'
import { DmaBuf, type DmaBufAttachment } from '../dma_buf/dma_buf.js'
import { refcount_dec_and_test, refcount_inc } from '../refcount.js'
import { TtmBufferObject } from '../ttm/ttm_bo.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../userptr/dma_map.js'

/** drivers/vfio/pci/vfio_pci_dmabuf.c:struct vfio_pci_dma_buf (7.3): a BAR that other devices reach by a dma-buf. */
export class VfioPciDmaBuf {
  readonly dmabuf: DmaBuf
  /** Set under the reservation: who maps it from then on gets an error. */
  readonly revoked: Cell
  /** One for the device, and one for each importer that has it mapped; the last one completes `comp`. */
  readonly kref: Cell
  readonly comp: Cell

  constructor(kernel: Kernel, readonly bar: Page) {
    const { cells, geometry } = kernel
    this.revoked = cells.cell('vfio_buf.revoked')
    this.kref = cells.cell('vfio_buf.kref', 1)
    this.comp = cells.cell('vfio_buf.comp')
    this.dmabuf = new DmaBuf(cells, 'vfio_buf', new TtmBufferObject(kernel, 'vfio_buf', bar, geometry.fences), {
      map_dma_buf: (attach) => vfio_pci_dma_buf_map(this, attach),
      unmap_dma_buf: (attach) => vfio_pci_dma_buf_unmap(this, attach),
    })
  }
}

/** drivers/vfio/pci/vfio_pci_dmabuf.c:vfio_pci_dma_buf_map, under the reservation. */
export function* vfio_pci_dma_buf_map(buf: VfioPciDmaBuf, attach: DmaBufAttachment): Steps<number> {
  if (yield* load(buf.revoked, { label: 'priv->revoked' })) return -ENODEV
  yield* dma_map_sgtable(attach, buf.bar)
  if (has('vfio-waits-for-unmap')) yield* refcount_inc(buf.kref)
  return 0
}

/** vfio_pci_dma_buf_done: the last one is gone. */
export function* vfio_pci_dma_buf_put(buf: VfioPciDmaBuf): Steps {
  if (yield* refcount_dec_and_test(buf.kref)) yield* complete(buf.comp)
}

/** drivers/vfio/pci/vfio_pci_dmabuf.c:vfio_pci_dma_buf_unmap, under the reservation. */
export function* vfio_pci_dma_buf_unmap(buf: VfioPciDmaBuf, attach: DmaBufAttachment): Steps {
  yield* dma_unmap_sgtable(attach)
  if (has('vfio-waits-for-unmap')) yield* vfio_pci_dma_buf_put(buf)
}
