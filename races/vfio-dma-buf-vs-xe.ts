import {
  dma_buf_map_attachment_unlocked, type DmaBufAttachment, dma_buf_unmap_attachment_unlocked, holds, importer_store, mlx5_ib_dmabuf_invalidate_cb, race, reach, type Setup,
  type Steps, vfio_pci_reset, violates, xe_dma_buf_move_notify,
} from 'mmrace'

const importers: Readonly<Record<string, (attach: DmaBufAttachment) => Steps>> = { xe: xe_dma_buf_move_notify, mlx5: mlx5_ib_dmabuf_invalidate_cb }

export default race({
  name: 'vfio-dma-buf-vs-xe',
  title: 'vfio waits until a BAR is unmapped everywhere: how long does that take?',
  seed: 'S4',
  question: 'Q27',
  references: [
    'drivers/gpu/drm/xe/xe_bo.c:xe_bo_move_dmabuf of 7.3: nothing is unmapped on the way to the system domain',
    'drivers/vfio/pci/vfio_pci_dmabuf.c:vfio_pci_dma_buf_move of 7.3: wait_for_completion()',
    'drivers/dma-buf/dma-buf.c:dma_buf_attach_revocable of 7.3: "within bounded time"',
  ],
  geometry: { fences: 1, pages: 1 },
  setup: (k: Setup, { importer = 'xe' }: { importer?: string }) => {
    const vdev = k.vfioPci(k.driverPage())
    const attach = k.vfioDmaBuf(vdev).dmabuf.attach({ invalidate_mappings: importers[importer] })
    k.call(dma_buf_map_attachment_unlocked(attach))
    return { vdev, attach }
  },
  cpus: {
    reset: function* ({ vdev }) {
      yield* vfio_pci_reset(vdev)
      yield* reach('reset')
    },
    importer: function* ({ attach }, { closes }: { closes?: boolean }) {
      if (yield* importer_store(attach, 1)) yield* reach('written')
      if (closes) yield* dma_buf_unmap_attachment_unlocked(attach)
    },
  },
  sometimes: ['written'],
  maybe: ['reset'],
  variants: {
    fixed: { apply: ['vfio-waits-for-unmap'], with: { importer: 'mlx5' }, expect: holds, because: 'it is unmapped in the callback' },
    bug: {
      apply: ['vfio-waits-for-unmap'],
      with: { importer: 'xe' },
      expect: violates('deadlock', 'all'),
      because: 'xe unmaps when user space next uses the object or closes it: if it does neither, the reset waits with memory_lock held',
    },
    closes: {
      apply: ['vfio-waits-for-unmap'],
      with: { importer: 'xe', closes: true },
      expect: holds,
      because: 'the wait ends with what user space does, in the model of the same day',
    },
    'fences-alone': {
      revert: ['vfio-waits-for-unmap'],
      with: { importer: 'xe' },
      expect: violates('O2', 'all'),
      because: 'who does not wait lets the device of the importer reach a BAR that is off',
    },
  },
})
