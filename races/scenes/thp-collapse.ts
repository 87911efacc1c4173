import {
  collapse_huge_page, dma_write, FOLL_WRITE, khugepaged_collapse_control, mmap_read_lock, pin_user_pages_fast_only, reach, scene,
  unpin_user_page,
} from 'mmrace'

/**
 * khugepaged collapses a range into a huge page while another thread of the process pins a page of it without locks
 * and writes through the pin: the subject of the mails of September 2022.
 */
export const thpCollapse = scene({
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0], thp: true })
    return { mm }
  },
  cpus: {
    khugepaged: function* ({ mm }) {
      yield* mmap_read_lock(mm)
      if ((yield* collapse_huge_page(mm, 0, khugepaged_collapse_control)) === 'SCAN_SUCCEED') yield* reach('collapsed')
      else yield* reach('gave up')
    },
    gup_fast: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['collapsed', 'gave up', 'pinned', 'not pinned'],
})
