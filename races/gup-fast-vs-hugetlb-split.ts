import { byKernel, holds, race, sys_mprotect, violates, VM_READ } from 'mmrace'
import { hugetlbUnshare } from './scenes/hugetlb-unshare.js'

/** Where hugetlbfs shares page tables, and no flush waits for a walker that has interrupts off. */
const AFFECTED = ['x86-pv', 'arm64', 'arm64-sw-dirty']
/** Without its lock the flush itself comes too late. */
const SHARING = ['x86-native', ...AFFECTED]

export default race({
  name: 'gup-fast-vs-hugetlb-split',
  title: 'a mapping of hugetlbfs is split and gives its shared page table up, in the order of 6.1.192',
  references: ['081056dc00a2 mm/hugetlb: unshare page tables during VMA split, not before', 'CVE-2025-38084', 'CVE-2025-38085'],
  ...hugetlbUnshare((mm) => sys_mprotect(mm, 0, 1, VM_READ)),
  variants: {
    fixed: {
      expect: byKernel({ '6.1': violates('O4', SHARING), '6.12': holds }),
      because: 'as released: 6.1.192 has the fix in another place than mainline',
    },
    '6.12': {
      apply: ['081056dc00a2'],
      expect: holds,
      because: 'the split unshares under i_mmap_rwsem, and flushes and waits for walkers before it lets go',
    },
    bug: {
      revert: ['081056dc00a2'],
      expect: violates('O4', SHARING),
      because: 'it unshares before it has i_mmap_rwsem: the last user takes the table for its own before flush and IPI',
    },
    'no-ipi': { revert: ['1013af4f585f'], apply: ['081056dc00a2'], expect: violates('O4', AFFECTED) },
  },
})
