import { holds, race, reach, user_write, vfio_pci_reset, violates } from 'mmrace'

export default race({
  name: 'device-reset-vs-fault',
  title: 'a PCI device is reset: can a program still reach its memory?',
  seed: 'S0',
  references: [
    'abafbc551fdd vfio-pci: Invalidate mmaps and block MMIO access on disabled memory', 'CVE-2020-12888',
    'drivers/vfio/pci/vfio_pci_core.c:vfio_pci_zap_and_vma_lock', 'aac6db75a9fc vfio/pci: Use unmap_mapping_range()',
  ],
  tlb: true,
  geometry: { files: 1, pages: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const vdev = k.vfioPci(k.driverPage())
    k.mapVfio(mm, vdev)
    return { mm, vdev }
  },
  cpus: {
    reset: function* ({ vdev }) {
      yield* vfio_pci_reset(vdev)
      yield* reach('reset')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['reset', 'written'],
  variants: {
    fixed: { expect: holds, because: 'a fault maps the BAR under the locks that the reset has held since the list was empty' },
    bug: {
      revert: ['aac6db75a9fc'],
      apply: ['mutant-vfio-unlocks-early'],
      expect: violates('O2', 'all'),
      because: 'the handler has seen the memory on, and maps it when it is off',
    },
    'zapped-first': {
      revert: ['aac6db75a9fc'],
      apply: ['mutant-vfio-zaps-early'],
      expect: violates('O2', 'all'),
      because: 'a fault maps it again before the lock is taken',
    },
    'lock-outside': {
      revert: ['aac6db75a9fc'],
      apply: ['mutant-vfio-memory-lock-outside'],
      expect: violates('O12', 'all'),
      because: 'a fault has the mmap_lock and waits for memory_lock, whose holder waits for the mmap_lock',
    },
    '6.10': { apply: ['aac6db75a9fc'], expect: holds, because: 'unmap_mapping_range() needs no mmap_lock, and is called under memory_lock' },
    '6.10-unlocks-early': {
      apply: ['aac6db75a9fc', 'mutant-vfio-unlocks-early'],
      expect: violates('O2', 'all'),
      because: 'the handler has seen the memory on, and maps it when it is off',
    },
  },
})
