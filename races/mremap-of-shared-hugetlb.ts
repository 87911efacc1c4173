import { holds, race, reach, sys_mremap, violates } from 'mmrace'

/** Where hugetlbfs shares page tables. */
const SHARING = ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty', 'riscv64']

export default race({
  name: 'mremap-of-shared-hugetlb',
  title: 'mremap() of hugetlbfs to where a table could be shared: who holds i_mmap_rwsem looks for one to share',
  references: ['550a7d60bd5e mm, hugepages: add mremap() support for hugepage backed vma', 'seen with 6.1.192: huge_pmd_share() under mremap() sleeps for ever'],
  asked: 'Can mremap() of a shared mapping of hugetlbfs, from one aligned place to another, end?',
  answer: `Not in 6.1.192 if it has a page there. move_hugetlb_page_tables() holds i_mmap_rwsem for writing when huge_pte_alloc() asks for
a table at the new place; that looks for one to share, and takes i_mmap_rwsem for reading. The process waits for itself, with the mmap_lock
held. A kernel that was asked (two 1 GiB aligned places, one page touched) does what the model says.`,
  geometry: { mms: 1, vmas: 3, files: 1, hugetlbPages: 2, hugePages: 1, pages: 1, tables: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.hugetlb(mm)
    return { mm }
  },
  cpus: {
    mremap: function* ({ mm }) {
      if ((yield* sys_mremap(mm, 0, 2, 2, false)) === 0) yield* reach('moved')
    },
  },
  sometimes: ['moved'],
  variants: {
    fixed: { apply: ['hugetlb-move-unshared'], expect: holds, because: 'the new place gets a table of its own' },
    bug: { expect: violates('deadlock', SHARING), because: 'the lock that it waits for is its own' },
  },
})
