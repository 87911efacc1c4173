import { holds, importer_store, iopt_area_fill_domain, iopt_map_dmabuf, race, reach, vfio_pci_reset, violates } from 'mmrace'

export default race({
  name: 'iommufd-dma-buf-vs-reset',
  title: 'a guest\'s IOMMU maps the BAR of a device that vfio resets: no fence, no mapping that is counted',
  seed: 'S0',
  references: ['drivers/iommu/iommufd/pages.c:iopt_revoke_notify of 7.3', 'drivers/vfio/pci/vfio_pci_dmabuf.c:vfio_pci_dma_buf_iommufd_map of 7.3'],
  geometry: { fences: 1, pages: 1 },
  setup: (k) => {
    const vdev = k.vfioPci(k.driverPage())
    return { vdev, pages: k.iommufdPages(k.vfioDmaBuf(vdev)) }
  },
  cpus: {
    reset: function* ({ vdev }) {
      yield* vfio_pci_reset(vdev)
      yield* reach('reset')
    },
    guest: function* ({ pages }) {
      if (yield* iopt_map_dmabuf(pages)) return yield* reach('refused')
      yield* iopt_area_fill_domain(pages)
      if (yield* importer_store(pages.attach, 1)) yield* reach('written')
    },
  },
  sometimes: ['reset', 'refused', 'written'],
  variants: {
    fixed: { apply: ['vfio-waits-for-unmap'], expect: holds, because: 'the callback has unmapped it when it returns, under the mutex that mapping takes' },
    bug: {
      apply: ['vfio-waits-for-unmap', 'mutant-iommufd-fills-unlocked'],
      expect: violates('O2', 'all'),
      because: 'it is mapped after the callback by who has looked before it',
    },
  },
})
