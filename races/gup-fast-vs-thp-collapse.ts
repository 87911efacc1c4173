import { holds, race, violates } from 'mmrace'
import { thpCollapse } from './scenes/thp-collapse.js'
import { flushWithoutIpiSince612 } from './scenes/profiles.js'

export default race({
  name: 'gup-fast-vs-thp-collapse',
  title: 'khugepaged collapses a huge page under a lockless page-table walk',
  seed: 'S1',
  bug: 'B1',
  question: 'Q11',
  references: ['70cbc3cc78a9 mm: gup: fix the fast GUP race against THP collapse', '2ba99c5e0881', 'bedf03416913'],
  needs: ['TRANSPARENT_HUGEPAGE', 'HAVE_FAST_GUP', 'ARCH_HAS_PTE_SPECIAL'],
  ...thpCollapse,
  variants: {
    fixed: { expect: holds, because: 'the recheck of the PMD and the IPI each close it' },
    bug: {
      revert: ['70cbc3cc78a9', '2ba99c5e0881'],
      expect: violates('O6', flushWithoutIpiSince612),
      because: 'a fix, not an optimisation: a flush that waits for no walker lets it come back with the old page',
    },
    'recheck-only': { revert: ['2ba99c5e0881'], expect: holds, because: 'as in 6.0' },
    'recheck-too-early': {
      revert: ['2ba99c5e0881'],
      apply: ['mutant-recheck-before-reference'],
      expect: violates('O6', flushWithoutIpiSince612),
      because: 'khugepaged looks at the count after the recheck and before the reference',
    },
    'without-pte-recheck': {
      revert: ['2ba99c5e0881'],
      apply: ['mutant-no-pte-recheck'],
      expect: holds,
      because: 'khugepaged clears the PMD first: for this race its recheck is enough',
    },
    'ipi-only': { revert: ['70cbc3cc78a9'], expect: holds },
  },
})
