import { holds, MADV, race, reach, sys_madvise, user_write, violates } from 'mmrace'
import { PT_RECLAIM, without } from './scenes/table-reclaim.js'

export default race({
  name: 'dontneed-table-vs-fault',
  title: 'MADV_DONTNEED gives back the page table that a fault is about to put a page into',
  references: ['0d940a9b270b mm/pgtable: allow pte_offset_map[_lock]() to fail', 'pt-reclaim'],
  needs: ['PT_RECLAIM'],
  geometry: { tables: 3 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0] })
    return { mm }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('given back')
    },
    fault: function* ({ mm }) {
      if (yield* user_write(mm, 1, 1)) yield* reach('written')
    },
  },
  sometimes: ['given back', 'written'],
  variants: {
    fixed: { apply: PT_RECLAIM, expect: holds, because: 'whoever locks a table reads the PMD again, and looks for the one that is there now' },
    bug: {
      apply: [...PT_RECLAIM, 'mutant-no-pmd-same'],
      expect: violates('O9', 'all'),
      because: 'a page is mapped in a table that nobody can reach, and that is freed with it',
    },
    'mmap-lock': { ...without('madvise-vma-lock'), expect: holds, because: 'as until 6.17' },
    'mmap-lock-no-recheck': { apply: [...without('madvise-vma-lock').apply, 'mutant-no-pmd-same'], revert: ['madvise-vma-lock'], expect: violates('O9', 'all') },
  },
})
