import { holds, race, reach, sys_mremap, sys_munmap, user_store, violates } from 'mmrace'

export default race({
  name: 'hugetlb-mremap-vs-tlb',
  title: 'mremap() of a part of hugetlbfs gives a shared page table up: who flushes what else the table mapped?',
  references: ['3d0b95cd87b2 mm: hugetlb: considering PMD sharing when flushing cache/TLBs'],
  tlb: true,
  geometry: { mms: 2, vmas: 4, files: 1, hugetlbPages: 2, hugePages: 1, pages: 1, tables: 4 },
  setup: (k) => {
    const mm = k.mm()
    k.hugetlb(mm)
    k.write(mm, 1, 0)
    k.read(k.fork(mm), 0)
    return { mm }
  },
  cpus: {
    mremap: function* ({ mm }) {
      if ((yield* sys_mremap(mm, 0, 1, 2, false)) === 0) yield* reach('moved')
      yield* sys_munmap(mm, 1, 1)
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 1, 1)) yield* reach('written')
      else yield* reach('fault')
    },
  },
  sometimes: ['moved', 'written', 'fault'],
  variants: {
    fixed: { expect: holds, because: 'the whole range of a table that is unshared is flushed' },
    bug: {
      revert: ['3d0b95cd87b2'],
      expect: violates('O1', ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty']),
      because: 'the other pages of the table are mapped no more, and munmap() finds nothing to flush',
    },
    'walks-kept': {
      apply: ['mutant-unsharing-unsaid'],
      expect: violates('O1', ['arm64', 'arm64-sw-dirty']),
      because: 'a flush of last levels only leaves the pointer to the table cached',
    },
  },
})
