import { dma_write, FOLL_WRITE, MADV, pin_user_pages_fast, reach, reclaim_folio, scene, sys_madvise, unpin_user_page, user_write } from 'mmrace'

/**
 * A device pins the last page of a folio while reclaim swaps the folio out, and a later write finds out whose the page is then. A folio of
 * one page, or a huge page.
 */
export const reclaimVsPin = (pages: 1 | 2) => scene({
  geometry: pages === 1 ? { swapSlots: 1 } : { swapSlots: 2, pages: 2 },
  setup: (k) => {
    const mm = k.mm()
    if (pages === 1) k.anon(mm, { pages, value: 1 })
    else k.huge(mm)
    k.call(sys_madvise(mm, 0, pages, MADV.COLD))
    return { mm, page: k.pageAt(mm, 0) }
  },
  cpus: {
    device: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, pages - 1, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 2)
      yield* unpin_user_page(page)
    },
    reclaim: function* ({ mm, page }) {
      if (yield* reclaim_folio(page)) yield* reach('swapped out')
      else yield* reach('kept')
      yield* user_write(mm, pages - 1, 3)
    },
  },
  sometimes: ['pinned', 'swapped out', 'kept'],
})
