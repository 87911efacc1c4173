import { holds, race, violates } from 'mmrace'
import { gupFastVsUnmapMapping } from './scenes/gup-fast-vs-unmap-mapping.js'
import { flushWithoutIpiSince612 } from './scenes/profiles.js'

/** No IPI stops a walker there either: the hash PTEs go without one. */
const AFFECTED = [...flushWithoutIpiSince612, 'ppc64-hash']

export default race({
  name: 'gup-fast-vs-unmap-mapping',
  title: 'tables are freed by RCU: can GUP-fast return a page after unmap_mapping_range() has returned?',
  seed: 'S0',
  question: 'Q2',
  references: ['2667f50e8b81 mm: introduce a general RCU get_user_pages_fast()'],
  needs: ['HAVE_FAST_GUP', 'ARCH_HAS_PTE_SPECIAL'],
  ...gupFastVsUnmapMapping,
  variants: {
    fixed: {
      expect: holds,
      because: 'it may still take a reference, to a page that is somebody else\'s by now, but the recheck makes it drop that',
    },
    bug: {
      apply: ['mutant-no-pte-recheck'],
      expect: violates('O4', AFFECTED),
      because: 'a reference that could be taken says that somebody owns the page, not who',
    },
    'recheck-too-early': { apply: ['mutant-recheck-before-reference'], expect: violates('O4', AFFECTED) },
  },
})
