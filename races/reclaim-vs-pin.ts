import { holds, race, violates } from 'mmrace'
import { reclaimVsPin } from './scenes/reclaim-vs-pin.js'

export default race({
  ...reclaimVsPin(1),
  name: 'reclaim-vs-pin',
  title: 'a page is pinned while reclaim swaps it out',
  references: [
    '6c287605fd56 mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
    '1493a1913e34 mm/swap: remember PG_anon_exclusive via a swp pte bit',
  ],
  variants: {
    fixed: { expect: holds, because: 'with the entry cleared nobody new gets a pin, and who has one keeps the page exclusive and mapped' },
    bug: {
      revert: ['6c287605fd56', '1493a1913e34'],
      expect: violates('O6', 'all'),
      because: 'the page comes back from the swap cache shared, and the next write copies it away from the pin',
    },
    'entry-remembers': { apply: ['mutant-share-pinned'], expect: holds, because: 'the page comes back exclusive' },
    'entry-forgets': { revert: ['1493a1913e34'], expect: holds, because: 'a pinned page is not swapped out' },
  },
})
