import { holds, race, violates } from 'mmrace'
import { daxTruncateVsPin } from './scenes/dax-truncate-vs-pin.js'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'dax-truncate-vs-huge-pin',
  title: 'a DAX file is truncated while GUP takes a page of a huge entry that maps it',
  seed: 'S0',
  bug: 'F4',
  references: ['mm/gup.c:__gup_device_huge_pmd', '5fac7408d828 mm, fs, dax: handle layout changes to pinned dax mappings'],
  ...daxTruncateVsPin(2, true),
  variants: {
    fixed: { expect: holds, because: 'GUP-fast takes its references, and looks at the huge entry again' },
    bug: { revert: ['5fac7408d828'], expect: violates('O15', 'all'), because: 'nobody asks who holds a page of the extent' },
    'no-recheck': {
      apply: ['mutant-no-pmd-recheck'],
      expect: violates('O15', deviceMemoryWithoutIpi),
      because: 'GUP-fast has read the entry before it was taken away',
    },
  },
})
