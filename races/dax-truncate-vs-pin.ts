import {
  dma_write, ext4_truncate, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, unpin_user_page, user_write,
  violates,
} from 'mmrace'

export default race({
  name: 'dax-truncate-vs-pin',
  title: 'a DAX file is truncated, and its blocks freed, while a device writes to a page of it',
  seed: 'S0',
  bug: 'F4',
  references: ['5fac7408d828 mm, fs, dax: handle layout changes to pinned dax mappings'],
  litmus: ['f4-dax-truncate-vs-gup-fast'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, fsdax: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { inode, mapping } = k.daxFile()
    k.mapDaxFile(mm, mapping)
    k.call(user_write(mm, 0, 0))
    return { mm, inode }
  },
  cpus: {
    truncate: function* ({ inode }) {
      yield* ext4_truncate(inode)
      yield* reach('truncated')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('refused')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
      yield* reach('written')
    },
  },
  sometimes: ['truncated', 'refused', 'written'],
  oracles: ['O2', 'O4', 'O9', 'O12', 'O15', 'O16', 'O17'],
  variants: {
    fixed: { expect: holds, because: 'unmapped first: either truncate sees the reference, or GUP sees that the entry is gone' },
    bug: {
      revert: ['5fac7408d828'],
      expect: violates('O15', 'all'),
      because: 'a page of DAX is the block itself; nobody asks who holds it',
    },
    'looks-first': {
      apply: ['mutant-scan-before-unmap'],
      expect: violates('O15', 'all'),
      because: 'the page is idle when it is looked at, and pinned before it is unmapped',
    },
  },
})
