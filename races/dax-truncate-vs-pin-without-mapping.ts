import {
  dma_write, ext4_truncate, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, sys_munmap, unpin_user_page, violates,
} from 'mmrace'

export default race({
  name: 'dax-truncate-vs-pin-without-mapping',
  title: 'a page of a DAX file is pinned and unmapped; does truncate still wait for it?',
  seed: 'S0',
  references: ['fs/dax.c:dax_layout_busy_page_range'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, fsdax: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { inode, mapping } = k.daxFile()
    k.mapDaxFile(mm, mapping)
    return { mm, inode }
  },
  cpus: {
    truncate: function* ({ inode }) {
      yield* ext4_truncate(inode)
      yield* reach('truncated')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      yield* sys_munmap(mm, 0, 1)
      if (!page) return
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
      yield* reach('written')
    },
  },
  sometimes: ['truncated', 'written'],
  oracles: ['O2', 'O9', 'O12', 'O15', 'O16', 'O17'],
  variants: {
    fixed: { apply: ['dax-looks-at-unmapped-files'], expect: holds, because: 'the page is in the page cache, mapped or not' },
    bug: {
      expect: violates('O15', 'all'),
      because: '6.1 does not look at the pages of a file that nobody maps',
    },
    'looks-first': {
      apply: ['dax-looks-at-unmapped-files', 'mutant-scan-before-unmap'],
      expect: violates('O15', 'all'),
      because: 'a page that is idle when it is looked at may be pinned as long as it is mapped',
    },
  },
})
