import { holds, race, violates } from 'mmrace'
import { thpCollapse } from './scenes/thp-collapse.js'
import { flushWithoutIpiSince612 } from './scenes/profiles.js'

export default race({
  name: 'collapse-ipi-instead',
  title: 'could pmdp_collapse_flush() of the broken architectures have been fixed instead of GUP-fast?',
  seed: 'S1',
  bug: 'B1',
  question: 'Q9',
  references: ['70cbc3cc78a9', '2ba99c5e0881'],
  needs: ['TRANSPARENT_HUGEPAGE', 'HAVE_FAST_GUP', 'ARCH_HAS_PTE_SPECIAL'],
  ...thpCollapse,
  variants: {
    fixed: { expect: holds },
    bug: { revert: ['70cbc3cc78a9', '2ba99c5e0881'], expect: violates('O6', flushWithoutIpiSince612) },
    'ipi-only': {
      revert: ['70cbc3cc78a9'],
      expect: holds,
      because: 'an IPI to everyone between the clear of the PMD and the look at the counts is enough',
    },
    'recheck-only': { revert: ['2ba99c5e0881'], expect: holds, because: 'and so is the recheck alone, for the page' },
  },
})
