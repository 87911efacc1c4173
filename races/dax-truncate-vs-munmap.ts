import { ext4_truncate, holds, race, reach, sys_munmap, user_store, violates } from 'mmrace'

/** Where an munmap() flushes when its VMA has left the file, unless that is a PFN mapping. */
const mergedVmas = ['x86-native', 'x86-pv', 'ppc64-radix']

export default race({
  name: 'dax-truncate-vs-munmap',
  title: 'a DAX file is truncated while an munmap() of it has not flushed yet: who can write to its blocks?',
  seed: 'S0',
  references: ['b67fbebd4cf9 mmu_gather: Force tlb-flush VM_PFNMAP vmas', 'e1fb4a086495 dax: remove VM_MIXEDMAP for fsdax and device dax'],
  needs: ['ZONE_DEVICE'],
  tlb: true,
  geometry: { files: 1, filePages: 1, pages: 0, fsdax: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { inode, mapping } = k.daxFile()
    k.mapDaxFile(mm, mapping)
    k.write(mm, 0, 0)
    return { mm, inode }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    truncate: function* ({ inode }) {
      yield* ext4_truncate(inode)
      yield* reach('truncated')
    },
    user: function* ({ mm }) {
      yield* reach((yield* user_store(mm, 0, 1)) ? 'written' : 'fault')
    },
  },
  sometimes: ['unmapped', 'truncated', 'written', 'fault'],
  oracles: ['O1', 'O2', 'O9', 'O12', 'O13', 'O15', 'O16'],
  variants: {
    fixed: { apply: ['flush-dax-vmas'], expect: holds, because: 'the flush comes before truncate can overlook the mapping' },
    bug: {
      expect: violates('O15', mergedVmas),
      because: 'no PFN mapping by its flags: the VMA is gone from the file, the flush is to come, and the block is given away',
    },
    'until-4.19': {
      revert: ['e1fb4a086495'],
      expect: holds,
      because: 'VM_MIXEDMAP would have had it flushed, by what b67fbebd4cf9 does',
    },
    'gathers-unseen': {
      revert: ['99baac21e458'],
      apply: ['flush-dax-vmas'],
      expect: violates('O15', ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty', 'ppc64-radix']),
      because: 'truncate finds the VMA, but no entry, and nobody says that a flush is to come',
    },
  },
})
