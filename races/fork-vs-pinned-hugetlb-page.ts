import { holds, pin_user_pages_fast_only, race, violates } from 'mmrace'
import { forkVsPin } from './scenes/fork-vs-pin.js'
import { withFastGupSince612 } from './scenes/profiles.js'

/** Huge entries need no special bit. */
const AFFECTED = [...withFastGupSince612, 'generic-no-special']

export default race({
  name: 'fork-vs-pinned-hugetlb-page',
  title: 'fork shares a pinned page of hugetlbfs, and the next write of the parent copies it away from the device',
  references: ['4eae4efa2c29 hugetlb: do early cow when page pinned on src mm'],
  needs: ['HAVE_FAST_GUP'],
  ...forkVsPin(pin_user_pages_fast_only, true),
  variants: {
    fixed: { expect: holds, because: 'the child gets its copy at once, the parent keeps the page' },
    bug: {
      revert: ['4eae4efa2c29'],
      expect: violates('O5', AFFECTED),
      because: 'the parent writes to a copy that the device does not know',
    },
    'announced-late': { apply: ['mutant-seqcount-late'], expect: violates('O5', AFFECTED) },
    'flag-late': { apply: ['mutant-has-pinned-late'], expect: violates('O5', AFFECTED) },
  },
})
