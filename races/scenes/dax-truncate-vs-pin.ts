import {
  dma_write, ext4_truncate, FOLL_WRITE, pin_user_pages_fast, reach, scene, unpin_user_page, user_write,
} from 'mmrace'

/** A DAX file of so many pages is truncated, and its blocks freed, while a device writes to the last page of it. */
export const daxTruncateVsPin = (pages: number, huge: boolean) => scene({
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: pages, pages: 0, fsdax: pages, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { inode, mapping } = k.daxFile({ huge })
    k.mapDaxFile(mm, mapping, pages)
    k.call(user_write(mm, 0, 0))
    return { mm, inode }
  },
  cpus: {
    truncate: function* ({ inode }) {
      yield* ext4_truncate(inode)
      yield* reach('truncated')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, pages - 1, 1, FOLL_WRITE)
      if (!page) return yield* reach('refused')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
      yield* reach('written')
    },
  },
  sometimes: ['truncated', 'refused', 'written'],
  oracles: ['O2', 'O4', 'O9', 'O12', 'O15', 'O16', 'O17'],
})
