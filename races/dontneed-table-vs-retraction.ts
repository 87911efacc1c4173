import { holds, MADV, race, reach, retract_page_tables, sys_madvise, violates } from 'mmrace'
import { PT_RECLAIM, without } from './scenes/table-reclaim.js'

export default race({
  name: 'dontneed-table-vs-retraction',
  title: 'MADV_DONTNEED gives back a page table of a file that khugepaged is about to take away',
  references: ['retract-pmd-recheck: mm: khugepaged: recheck pmd state in retract_page_tables()', 'pt-reclaim'],
  needs: ['PT_RECLAIM'],
  geometry: { files: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 2, touched: [] })
    return { mm, file }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 2, MADV.DONTNEED)
      yield* reach('given back')
    },
    khugepaged: function* ({ file }) {
      yield* retract_page_tables(file, 0)
      yield* reach('retracted')
    },
  },
  sometimes: ['given back', 'retracted'],
  variants: {
    fixed: { apply: PT_RECLAIM, expect: holds, because: 'with the PMD lock held khugepaged looks whether there still is a table' },
    bug: {
      ...without('retract-pmd-recheck'),
      expect: violates('O13', 'all'),
      because: 'an entry that is none by now is taken for a page table',
    },
    'waits-for-pmd-lock': {
      apply: [...PT_RECLAIM, 'mutant-reclaim-waits-for-pmd-lock'],
      expect: violates('O12', 'all'),
      because: 'khugepaged takes the two locks in the other order',
    },
  },
})
