import {
  byKernel, dma_write, dup_mm, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, sys_move_pages, unpin_user_page, user_write,
  violates,
} from 'mmrace'
import { withFastGup, withFastGupSince612 } from './scenes/profiles.js'

export default race({
  name: 'fork-vs-migrating-pinned-page',
  title: 'a pinned page is about to be migrated when fork() comes to its entry',
  seed: 'S2',
  bug: 'D6',
  question: 'Q13',
  references: ['6c287605fd56 mm: remember exclusively mapped anonymous pages with PG_anon_exclusive'],
  geometry: { nodes: 2, mms: 2, pages: 3, tables: 3, vmas: 2, anonVmas: 2, anonVmaChains: 3 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    parent: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dup_mm(mm)
      yield* user_write(mm, 0, 2)
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
    migration: function* ({ mm }) {
      yield* sys_move_pages(mm, 0, 1, 1)
      yield* reach('migration done')
    },
  },
  sometimes: ['pinned', 'migration done'],
  variants: {
    fixed: { expect: holds, because: 'an exclusive page that may be pinned gets no migration entry' },
    bug: {
      revert: ['6c287605fd56'],
      expect: violates('O5', 'all'),
      because: 'fork() copies the entry without a look for pins, and the page comes back as a shared one',
    },
    'pins-too-early': {
      apply: ['mutant-share-before-clear'],
      expect: byKernel({ '6.1': violates('O5', withFastGup), '6.12': violates('O5', withFastGupSince612) }),
      because: 'GUP-fast pins between the look and the clear',
    },
  },
})
