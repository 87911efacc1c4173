import {
  dma_write, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, set_page_dirty_lock, truncate_setsize, unpin_user_page, violates,
} from 'mmrace'

export default race({
  name: 'dirty-vs-truncate',
  title: 'a device wrote to a page of a file: may its driver say so without the page lock?',
  seed: 'S4',
  references: ['2d691aeca4ae drm/i915/userptr: Try to acquire the page lock around set_page_dirty()'],
  geometry: { files: 1, pages: 2 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1 })
    return { mm, file }
  },
  cpus: {
    driver: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 1)
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
      yield* reach('dirtied')
    },
    truncate: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      yield* reach('truncated')
    },
  },
  sometimes: ['dirtied', 'truncated'],
  oracles: ['O2', 'O9', 'O15'],
  variants: {
    fixed: { expect: holds, because: 'under its lock a page cannot leave its file' },
    bug: {
      apply: ['mutant-dirty-unlocked'],
      expect: violates('O15', 'all'),
      because: 'the page is in its file when the driver looks, and gone when the filesystem is told',
    },
  },
})
