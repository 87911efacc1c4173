import { byKernel, holds, ptdump_walk_pgd, race, reach, sys_munmap, violates } from 'mmrace'

/** Since 6.5 a walk without a VMA is in a read-side section, and only tables that RCU does not free go under it. */
const OTHERS = ['sh', 'generic', 'generic-no-special', 'generic-no-fast-gup']
const UNPROTECTED = byKernel({
  '6.1': violates('O3', 'all'),
  '6.12': violates('O3', ['x86-native', 'x86-pae', 'loongarch64', ...OTHERS]),
  '7.2': violates('O3', OTHERS),
})

export default race({
  name: 'ptdump-vs-munmap',
  title: 'page tables are walked where there is no VMA, while munmap() takes them away under the mmap_lock for reading',
  seed: 'S3',
  bug: 'B-8782fb61cc84',
  references: ['8782fb61cc84 mm: pagewalk: Fix race between unmap and page walker'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2 })
    return { mm }
  },
  cpus: {
    ptdump: function* ({ mm }) {
      yield* ptdump_walk_pgd(mm)
      yield* reach('walked')
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 2)
      yield* reach('unmapped')
    },
  },
  sometimes: ['walked', 'unmapped'],
  variants: {
    fixed: { expect: holds, because: 'the mmap_lock for writing: munmap() has ended, or has not begun' },
    bug: {
      revert: ['8782fb61cc84'],
      expect: UNPROTECTED,
      because: 'munmap() has detached the VMA and kept the lock for reading: nothing keeps the tables',
    },
    unlocked: { apply: ['mutant-ptdump-unlocked'], expect: UNPROTECTED, because: 'nothing keeps munmap() out' },
  },
})
