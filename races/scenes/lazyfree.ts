import { MADV, reach, reclaim_folio, scene, set_page_dirty_lock, sys_madvise, user_read, user_write } from 'mmrace'

/** What is on the device from before. */
const OTHER = 7

/** A program writes, and gives the memory back with MADV_FREE, while reclaim comes to the page. The slot that it gets was used before. */
export const lazyfree = scene({
  geometry: { swapSlots: 1, pagevecSize: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1, value: OTHER })
    k.call(set_page_dirty_lock(k.pageAt(mm, 0)))
    k.call(sys_madvise(mm, 0, 1, MADV.PAGEOUT))
    k.write(mm, 0, 1)
    return { mm, page: k.pageAt(mm, 0) }
  },
  cpus: {
    program: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
      yield* sys_madvise(mm, 0, 1, MADV.FREE)
      yield* reach('given back')
      yield* sys_madvise(mm, 0, 1, MADV.COLD)
      if ((yield* user_read(mm, 0)) === 0) yield* reach('thrown away')
      else yield* reach('still there')
    },
    reclaim: function* ({ page }) {
      if (yield* reclaim_folio(page)) yield* reach('reclaimed')
      else yield* reach('kept')
    },
  },
  maybe: ['thrown away'],
  sometimes: ['given back', 'still there', 'reclaimed', 'kept'],
})
