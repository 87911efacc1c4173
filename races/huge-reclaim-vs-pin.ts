import {
  dma_write, FOLL_WRITE, holds, MADV, pin_user_pages_fast, race, reach, reclaim_folio, sys_madvise, unpin_user_page, user_write, violates,
} from 'mmrace'
import { flushWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'huge-reclaim-vs-pin',
  title: 'a part of a huge page is pinned while reclaim swaps the huge page out',
  references: [
    '6c287605fd56 mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
    '1493a1913e34 mm/swap: remember PG_anon_exclusive via a swp pte bit',
  ],
  geometry: { swapSlots: 2, pages: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.huge(mm)
    k.call(sys_madvise(mm, 0, 2, MADV.COLD))
    return { mm, page: k.pageAt(mm, 0) }
  },
  cpus: {
    device: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 1, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 2)
      yield* unpin_user_page(page)
    },
    reclaim: function* ({ mm, page }) {
      if (yield* reclaim_folio(page)) yield* reach('swapped out')
      else yield* reach('kept')
      yield* user_write(mm, 1, 3)
    },
  },
  sometimes: ['pinned', 'swapped out', 'kept'],
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
