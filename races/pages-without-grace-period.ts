import { holds, race, violates } from 'mmrace'
import { gupFastVsUnmapMapping } from './scenes/gup-fast-vs-unmap-mapping.js'
import { flushWithoutIpiSince612 } from './scenes/profiles.js'

export default race({
  name: 'pages-without-grace-period',
  title: 'page tables are freed after a grace period, pages at once: was that forgotten?',
  seed: 'S0',
  question: 'Q3',
  needs: ['HAVE_FAST_GUP', 'ARCH_HAS_PTE_SPECIAL'],
  ...gupFastVsUnmapMapping,
  variants: {
    fixed: {
      expect: holds,
      because: 'a table is read before anything can be checked; a page is only touched by an add-unless-zero and a recheck',
    },
    bug: { apply: ['mutant-no-pte-recheck'], expect: violates('O4', [...flushWithoutIpiSince612, 'ppc64-hash']) },
    'through-rcu-instead': {
      apply: ['mutant-no-pte-recheck', 'pages-through-rcu'], expect: holds,
      because: 'a page without references stays nobody\'s until the walker is gone: a grace period would do in place of the recheck',
    },
  },
})
