import { holds, race, reach, sys_munmap, user_store, user_write, vfio_pci_reset, violates } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'device-reset-vs-munmap',
  title: 'a PCI device is reset while a program unmaps its memory: who can still reach it?',
  seed: 'S0',
  references: ['drivers/vfio/pci/vfio_pci_core.c:vfio_pci_zap_and_vma_lock', 'b67fbebd4cf9 mmu_gather: Force tlb-flush VM_PFNMAP vmas'],
  tlb: true,
  geometry: { files: 1, pages: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const vdev = k.vfioPci(k.driverPage())
    k.mapVfio(mm, vdev)
    k.call(user_write(mm, 0, 0))
    return { mm, vdev }
  },
  cpus: {
    reset: function* ({ vdev }) {
      yield* vfio_pci_reset(vdev)
      yield* reach('reset')
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    user: function* ({ mm }) {
      yield* reach((yield* user_store(mm, 0, 1)) ? 'written' : 'fault')
    },
  },
  sometimes: ['reset', 'unmapped', 'written', 'fault'],
  oracles: ['O1', 'O2', 'O9', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'a VMA stays in the list of the driver until munmap() has flushed' },
    bug: {
      revert: ['b67fbebd4cf9'], apply: ['aac6db75a9fc'],
      expect: violates('O2', ['x86-native', 'x86-pv', 'x86-pae', 'ppc64-radix', 'loongarch64']),
      because: 'unmap_mapping_range() finds no VMA, and the flush of the munmap is still to come',
    },
    'gathers-unseen': {
      revert: ['99baac21e458', 'aac6db75a9fc'],
      expect: violates('O2', deferredFlush),
      because: 'the zap of the reset finds the entry gone, and does not know that it has still to be flushed',
    },
    'list-without-flush': { revert: ['b67fbebd4cf9', 'aac6db75a9fc'], expect: holds, because: 'the list outlives the flush, as the i_mmap tree does not' },
  },
})
