import {
  amdgpu_dma_buf_move_notify, dma_buf_map_attachment, dma_buf_map_attachment_unlocked, type DmaBufAttachment, dma_fence_alloc, dma_fence_signal,
  dma_resv_add_fence, dma_resv_lock_single, dma_resv_unlock, DMA_RESV_USAGE, holds, importer_store, load, race, reach, type Setup, type Steps,
  ttm_bo_delayed_delete, vfio_pci_reset, violates, worker_thread,
} from 'mmrace'

/** Work of the importer's device on the BAR, with a fence for it. */
function* work(attach: DmaBufAttachment): Steps {
  const { resv } = attach.dmabuf
  yield* dma_resv_lock_single(resv)
  const fence = yield* dma_fence_alloc()
  yield* dma_resv_add_fence(resv, fence, DMA_RESV_USAGE.WRITE)
  yield* dma_resv_unlock(resv)
  if (yield* importer_store(attach, 1)) yield* reach('written')
  yield* dma_fence_signal(fence)
}

/** What was taken away is mapped again, if it may. */
function* map_again(attach: DmaBufAttachment): Steps {
  yield* dma_resv_lock_single(attach.dmabuf.resv)
  if (!(yield* load(attach.iommu_pte)) && (yield* dma_buf_map_attachment(attach))) yield* reach('refused')
  yield* dma_resv_unlock(attach.dmabuf.resv)
}

export default race({
  name: 'vfio-dma-buf-vs-importer',
  title: 'vfio resets a device whose BAR others reach by a dma-buf: are fences enough?',
  seed: 'S4',
  question: 'Q26',
  references: ['drivers/vfio/pci/vfio_pci_dmabuf.c:vfio_pci_dma_buf_move of 7.3', 'drivers/dma-buf/dma-buf.c:dma_buf_invalidate_mappings of 7.3'],
  geometry: { fences: 1, workers: 1, pages: 1 },
  setup: (k: Setup) => {
    const vdev = k.vfioPci(k.driverPage())
    const { dmabuf } = k.vfioDmaBuf(vdev)
    const attach = dmabuf.attach({ invalidate_mappings: (one) => amdgpu_dma_buf_move_notify(one, deleted) })
    const deleted = k.work('bo->delayed_delete', () => ttm_bo_delayed_delete(attach))
    k.call(dma_buf_map_attachment_unlocked(attach))
    return { vdev, attach }
  },
  cpus: {
    reset: function* ({ vdev }) {
      yield* vfio_pci_reset(vdev)
      yield* reach('reset')
    },
    importer: function* ({ attach }) {
      yield* work(attach)
      yield* map_again(attach)
      yield* importer_store(attach, 2)
    },
    kworker: worker_thread,
  },
  sometimes: ['reset', 'written', 'refused'],
  variants: {
    fixed: { apply: ['vfio-waits-for-unmap'], expect: holds, because: 'the reset comes when fences have signalled and nobody has the BAR mapped' },
    bug: {
      revert: ['vfio-waits-for-unmap'],
      expect: violates('O2', 'all'),
      because: 'fences stand for the work that was submitted, not for what a device may do as long as it has a mapping',
    },
    'revokes-late': {
      apply: ['vfio-waits-for-unmap', 'mutant-vfio-revokes-late'],
      expect: violates('O2', 'all'),
      because: 'the importer maps the BAR again when the lock is dropped, and is not waited for',
    },
  },
})
