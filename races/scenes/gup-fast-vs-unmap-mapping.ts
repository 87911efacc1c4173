import {
  alloc_page, dma_write, FOLL_WRITE, pin_user_pages_fast_only, reach, scene, truncate_setsize, unpin_user_page,
} from 'mmrace'

/** A file's page is unmapped everywhere and freed, and somebody else gets it, while GUP-fast is on its way to it. */
export const gupFastVsUnmapMapping = scene({
  geometry: { files: 1, pages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1 })
    return { mm, file }
  },
  cpus: {
    driver: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      if (yield* alloc_page()) yield* reach('page has a new owner')
    },
    gup_fast: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['page has a new owner', 'not pinned', 'pinned'],
  oracles: ['O2', 'O3', 'O4'],
})
