import { absent, byKernel, holds, race, violates } from 'mmrace'
import { tableRetraction } from './scenes/table-retraction.js'
import { flushWithoutIpi } from './scenes/profiles.js'

const GONE = absent('page table of a file that is freed without a grace period')

export default race({
  name: 'collapse-ipi-still-needed',
  title: 'GUP-fast rechecks the PMD: is an IPI in pmdp_collapse_flush() still needed?',
  seed: 'S1',
  bug: 'B2',
  question: 'Q10',
  references: ['70cbc3cc78a9', 'bedf03416913', '2ba99c5e0881'],
  ...tableRetraction,
  variants: {
    fixed: { expect: holds },
    bug: {
      revert: ['2ba99c5e0881'],
      expect: byKernel({ '6.1': violates('O3', flushWithoutIpi), '6.12': GONE }),
      because: 'not for the page (see collapse-ipi-instead), but for the table: two months later khugepaged got one',
    },
    'radix-with-ipi': {
      revert: ['2ba99c5e0881', 'bedf03416913'],
      expect: byKernel({ '6.1': violates('O3', ['x86-pv', 'arm64', 'arm64-sw-dirty', 's390']), '6.12': GONE }),
      because: 'the IPI that radix gave up had been protecting the table as well',
    },
    'ipi-without-recheck': { revert: ['70cbc3cc78a9'], expect: holds, because: 'the recheck does nothing for the table' },
  },
})
