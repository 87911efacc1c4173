import { holds, race, sys_munmap, violates } from 'mmrace'
import { hugetlbUnshare } from './scenes/hugetlb-unshare.js'

/** Where hugetlbfs shares page tables, and no flush waits for a walker that has interrupts off. */
const AFFECTED = ['x86-pv', 'arm64', 'arm64-sw-dirty']

export default race({
  name: 'gup-fast-vs-hugetlb-unshare',
  title: 'a shared page table of hugetlbfs is left to another process under a lockless walk',
  bug: 'B3',
  references: ['1013af4f585f mm/hugetlb: fix huge_pmd_unshare() vs GUP-fast race', 'CVE-2025-38085'],
  ...hugetlbUnshare((mm) => sys_munmap(mm, 0, 2)),
  variants: {
    fixed: { expect: holds, because: 'who leaves the table to a last user waits for walkers before that one can use it alone' },
    bug: {
      revert: ['1013af4f585f'],
      expect: violates('O4', AFFECTED),
      because: 'the entry is looked at again, but not the one above it: the table is another process\'s by then',
    },
    'ipi-too-late': {
      apply: ['mutant-unshare-sync-late'],
      expect: violates('O4', AFFECTED),
      because: 'without i_mmap_rwsem nothing keeps the last user from using the table alone',
    },
  },
})
