import {
  byKernel, dma_write, FOLL_WRITE, get_user_pages_fast, holds, MADV, put_user_page, race, reach, reclaim_folio, set_page_dirty_lock,
  sys_madvise, violates,
} from 'mmrace'
import { withFastGup, withFastGupSince612 } from './scenes/profiles.js'

export default race({
  name: 'reclaim-vs-direct-io',
  title: 'memory given back with MADV_FREE is thrown away while a read from disk goes into it',
  bug: 'C2',
  references: ['6c8e2a256915 mm: fix race between MADV_FREE reclaim and blkdev direct IO read'],
  litmus: ['c2-lazyfree-vs-direct-io'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1, value: 1 })
    k.call(sys_madvise(mm, 0, 1, MADV.FREE))
    return { mm, page: k.pageAt(mm, 0) }
  },
  cpus: {
    'direct IO': function* ({ mm }) {
      const [page] = yield* get_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* dma_write(page, 2)
      yield* reach('read into memory')
      yield* set_page_dirty_lock(page)
      yield* put_user_page(page)
    },
    reclaim: function* ({ page }) {
      if (yield* reclaim_folio(page)) yield* reach('thrown away')
      else yield* reach('kept')
    },
  },
  sometimes: ['read into memory', 'thrown away', 'kept'],
  variants: {
    fixed: { expect: holds, because: 'with the entry cleared, one reference too many says that somebody still uses the page' },
    bug: {
      revert: ['6c8e2a256915'],
      expect: byKernel({ '6.1': violates('O6', withFastGup), '6.12': violates('O6', withFastGupSince612) }),
      because: 'only the dirty bits are looked at, and a device sets none; GUP with locks marks the page dirty itself',
    },
    'count-first': { apply: ['mutant-count-before-clear'], expect: byKernel({ '6.1': violates('O6', withFastGup), '6.12': violates('O6', withFastGupSince612) }) },
  },
})
