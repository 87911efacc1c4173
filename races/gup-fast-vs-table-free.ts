import { absent, byKernel, holds, race, violates } from 'mmrace'
import { tableRetraction } from './scenes/table-retraction.js'
import { flushWithoutIpi } from './scenes/profiles.js'

const GONE = absent('page table of a file that is freed without a grace period')

export default race({
  name: 'gup-fast-vs-table-free',
  title: 'khugepaged frees a page table under a lockless page-table walk',
  seed: 'S1',
  bug: 'B2',
  references: ['2ba99c5e0881 mm/khugepaged: fix GUP-fast interaction by sending IPI'],
  ...tableRetraction,
  variants: {
    fixed: { expect: holds, because: 'the IPI waits until every walker that may have seen the table is out' },
    bug: {
      revert: ['2ba99c5e0881'],
      expect: byKernel({ '6.1': violates('O3', flushWithoutIpi), '6.12': GONE }),
      because: 'the recheck of the PMD comes after the read of an entry of a freed table',
    },
    'ipi-too-early': {
      apply: ['mutant-ipi-before-clear'],
      expect: byKernel({ '6.1': violates('O3', flushWithoutIpi), '6.12': GONE }),
      because: 'a walker that starts after the IPI can still find the table',
    },
  },
})
