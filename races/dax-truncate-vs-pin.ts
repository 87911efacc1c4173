import { holds, race, violates } from 'mmrace'
import { daxTruncateVsPin } from './scenes/dax-truncate-vs-pin.js'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'dax-truncate-vs-pin',
  title: 'a DAX file is truncated, and its blocks freed, while a device writes to a page of it',
  seed: 'S0',
  bug: 'F4',
  references: ['5fac7408d828 mm, fs, dax: handle layout changes to pinned dax mappings'],
  litmus: ['f4-dax-truncate-vs-gup-fast'],
  ...daxTruncateVsPin(1, false),
  variants: {
    fixed: { expect: holds, because: 'unmapped first: either truncate sees the reference, or GUP sees that the entry is gone' },
    bug: {
      revert: ['5fac7408d828'],
      expect: violates('O15', 'all'),
      because: 'a page of DAX is the block itself; nobody asks who holds it',
    },
    'looks-first': {
      apply: ['mutant-scan-before-unmap'],
      expect: violates('O15', 'all'),
      because: 'the page is idle when it is looked at, and pinned before it is unmapped',
    },
    'no-recheck': {
      apply: ['mutant-no-pte-recheck'],
      expect: violates('O15', deviceMemoryWithoutIpi),
      because: 'GUP-fast has read the entry before it was taken away',
    },
  },
})
