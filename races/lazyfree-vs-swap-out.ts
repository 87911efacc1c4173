import { holds, race, violates } from 'mmrace'
import { lazyfree } from './scenes/lazyfree.js'

export default race({
  name: 'lazyfree-vs-swap-out',
  title: 'MADV_FREE has cleaned the entry, but the page is not marked yet when reclaim takes it for one to be swapped out',
  references: ['9625456cc763 mm: fix data corruption caused by lazyfree page'],
  ...lazyfree,
  variants: {
    fixed: { expect: holds, because: 'whatever gets a slot of the swap area is written to it' },
    bug: {
      revert: ['9625456cc763'],
      expect: violates('O6', 'all'),
      because: 'the page is clean, and so is thrown away without being written: the program reads what was in the slot before',
    },
    'looks-early': { apply: ['mutant-dirty-before-slot'], expect: violates('O6', 'all'), because: 'it was clean before it got its slot' },
  },
})
