import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps, store } from '../../../engine/model/step.js'
import { ENODEV } from '../../include/errno.js'
import { has } from '../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import type { DmaBufAttachment } from '../dma_buf/dma_buf.js'
import { dma_resv_lock_single, dma_resv_unlock } from '../dma_buf/dma_resv.js'
import { dma_map_sgtable, dma_unmap_sgtable } from '../userptr/dma_map.js'
import type { VfioPciDmaBuf } from '../vfio_pci/vfio_pci_dma_buf.js'

/** drivers/iommu/iommufd/io_pagetable.h:struct iopt_pages of a dma-buf: a guest's IOMMU maps it, with no fences and no attachment mapped. */
export interface IoptPages {
  readonly attach: DmaBufAttachment
  readonly buf: VfioPciDmaBuf
  /** A mutex, inside the reservation. */
  readonly mutex: Cell
  /** pages->dmabuf.phys.len: 0 when it was revoked, for good. */
  readonly phys: Cell
}

/** drivers/iommu/iommufd/pages.c:iopt_map_dmabuf: asks the exporter for the address itself. 0 or a negative error number. */
export function* iopt_map_dmabuf(pages: IoptPages): Steps<number> {
  const { resv } = pages.attach.dmabuf
  yield* dma_resv_lock_single(resv)
  const revoked = yield* load(pages.buf.revoked, { label: 'priv->revoked' })
  if (!revoked) yield* store(pages.phys, 1, { label: 'pages->dmabuf.phys = *phys' })
  yield* dma_resv_unlock(resv)
  return revoked ? -ENODEV : 0
}

/** drivers/iommu/iommufd/pages.c:iopt_area_fill_domains, of one domain. */
export function* iopt_area_fill_domain(pages: IoptPages): Steps {
  const unlocked = has('mutant-iommufd-fills-unlocked')
  if (!unlocked) yield* mutex_lock(pages.mutex, 'mutex_lock(&pages->mutex)')
  if (yield* load(pages.phys, { label: 'iopt_dmabuf_revoked(pages)' })) yield* dma_map_sgtable(pages.attach, pages.buf.bar)
  if (!unlocked) yield* mutex_unlock(pages.mutex, 'mutex_unlock(&pages->mutex)')
}

/** drivers/iommu/iommufd/pages.c:iopt_revoke_notify: whatever maps it is unmapped when it returns. */
export function* iopt_revoke_notify(pages: IoptPages): Steps {
  yield* mutex_lock(pages.mutex, 'mutex_lock(&pages->mutex)')
  if (yield* load(pages.phys, { label: 'iopt_dmabuf_revoked(pages)' })) {
    yield* dma_unmap_sgtable(pages.attach)
    yield* store(pages.phys, 0, { label: 'pages->dmabuf.phys.len = 0' })
  }
  yield* mutex_unlock(pages.mutex, 'mutex_unlock(&pages->mutex)')
}
