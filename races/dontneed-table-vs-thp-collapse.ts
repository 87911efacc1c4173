import { collapse_huge_page, holds, khugepaged_collapse_control, MADV, mmap_read_lock, race, reach, sys_madvise, violates } from 'mmrace'
import { PT_RECLAIM, without } from './scenes/table-reclaim.js'

export default race({
  name: 'dontneed-table-vs-thp-collapse',
  title: 'khugepaged has seen a page table, with the mmap_lock held for writing, that MADV_DONTNEED then gives back with the lock of the VMA',
  references: ['366a4532d96f mm: fix the race between collapse and PT_RECLAIM under per-vma lock'],
  needs: ['PT_RECLAIM'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0], thp: true })
    return { mm }
  },
  cpus: {
    khugepaged: function* ({ mm }) {
      yield* mmap_read_lock(mm)
      yield* reach((yield* collapse_huge_page(mm, 0, khugepaged_collapse_control)) === 'SCAN_SUCCEED' ? 'collapsed' : 'gave up')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('given back')
    },
  },
  sometimes: ['collapsed', 'gave up', 'given back'],
  variants: {
    fixed: { apply: PT_RECLAIM, expect: holds, because: 'khugepaged excludes those who hold the lock of the VMA before it looks at the PMD' },
    bug: {
      ...without('366a4532d96f'),
      expect: violates('O13', 'all'),
      because: 'what was no table any more is put back as one when the collapse is given up',
    },
    'write-without-wait': { apply: [...PT_RECLAIM, 'mutant-vma-write-without-wait'], expect: violates('O13', 'all') },
    'mmap-lock': { ...without('366a4532d96f', 'madvise-vma-lock'), expect: holds, because: 'until 6.17 MADV_DONTNEED held the mmap_lock' },
  },
})
