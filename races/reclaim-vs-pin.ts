import {
  dma_write, FOLL_WRITE, holds, MADV, pin_user_pages_fast, race, reach, reclaim_folio, sys_madvise, unpin_user_page, user_write, violates,
} from 'mmrace'

export default race({
  name: 'reclaim-vs-pin',
  title: 'a page is pinned while reclaim swaps it out',
  references: [
    '6c287605fd56 mm: remember exclusively mapped anonymous pages with PG_anon_exclusive',
    '1493a1913e34 mm/swap: remember PG_anon_exclusive via a swp pte bit',
  ],
  geometry: { swapSlots: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1, value: 1 })
    k.call(sys_madvise(mm, 0, 1, MADV.COLD))
    return { mm, page: k.pageAt(mm, 0) }
  },
  cpus: {
    device: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 2)
      yield* unpin_user_page(page)
    },
    reclaim: function* ({ mm, page }) {
      if (yield* reclaim_folio(page)) yield* reach('swapped out')
      else yield* reach('kept')
      yield* user_write(mm, 0, 3)
    },
  },
  sometimes: ['pinned', 'swapped out', 'kept'],
  variants: {
    fixed: { expect: holds, because: 'with the entry cleared nobody new gets a pin, and who has one keeps the page exclusive and mapped' },
    bug: {
      revert: ['6c287605fd56', '1493a1913e34'],
      expect: violates('O6', 'all'),
      because: 'the page comes back from the swap cache shared, and the next write copies it away from the pin',
    },
    'entry-remembers': { revert: ['6c287605fd56'], expect: holds, because: 'the page comes back exclusive' },
    'entry-forgets': { revert: ['1493a1913e34'], expect: holds, because: 'a pinned page is not swapped out' },
  },
})
