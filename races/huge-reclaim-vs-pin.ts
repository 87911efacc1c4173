import { holds, race, violates } from 'mmrace'
import { flushWithoutIpi } from './scenes/profiles.js'
import { reclaimVsPin } from './scenes/reclaim-vs-pin.js'

export default race({
  needs: ['TRANSPARENT_HUGEPAGE'],
  ...reclaimVsPin(2),
  name: 'huge-reclaim-vs-pin',
  title: 'a part of a huge page is pinned while reclaim swaps the huge page out',
  references: [
    '6c287605fd56 mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
    '1493a1913e34 mm/swap: remember PG_anon_exclusive via a swp pte bit',
  ],
  variants: {
    fixed: { expect: holds, because: 'one page that may be pinned keeps its entry, and with it the huge page' },
    bug: {
      revert: ['6c287605fd56', '1493a1913e34'],
      expect: violates('O6', 'all'),
      because: 'the small pages come back from the swap cache shared, and the next write copies one away from the pin',
    },
    'no-recheck': {
      revert: ['1493a1913e34'], apply: ['mutant-no-huge-recheck'],
      expect: violates('O6', [...flushWithoutIpi, 'ppc64-hash']),
      because: 'the pin comes when the page is no longer exclusive, and the entry in its place does not say that it was; a flush by IPI waits for GUP-fast',
    },
  },
})
