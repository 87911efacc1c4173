import { holds, race, reach, sys_munmap, user_store, violates } from 'mmrace'

export default race({
  name: 'hugetlb-unshare-vs-tlb',
  title: 'munmap() of hugetlbfs only gives a shared page table up: who flushes what the table mapped?',
  references: ['a4a118f2eead hugetlbfs: flush TLBs correctly after huge_pmd_unshare', 'CVE-2021-4002'],
  tlb: true,
  geometry: { mms: 2, vmas: 2, files: 1, hugetlbPages: 2, hugePages: 1, pages: 1, tables: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.hugetlb(mm)
    k.read(k.fork(mm), 0)
    return { mm }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 2)
      yield* reach('unmapped')
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 0, 1)) yield* reach('written')
      else yield* reach('fault')
    },
  },
  sometimes: ['unmapped', 'written', 'fault'],
  variants: {
    fixed: { expect: holds },
    bug: {
      revert: ['a4a118f2eead'],
      expect: violates('O1', ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty', 'riscv64']),
      because: 'no page and no table goes into the gather, so there is nothing that it would flush for',
    },
    'walks-kept': {
      apply: ['mutant-unsharing-unsaid'],
      expect: violates('O1', ['arm64', 'arm64-sw-dirty']),
      because: 'a flush of last levels only leaves the pointer to the table cached',
    },
  },
})
