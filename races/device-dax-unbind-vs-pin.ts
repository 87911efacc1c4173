import {
  dev_dax_unbind, dma_write, FOLL_WRITE, holds, pin_user_pages_fast, race, reach, unpin_user_page, user_write, violates,
} from 'mmrace'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'device-dax-unbind-vs-pin',
  title: 'a device-dax device goes away while its memory is pinned',
  seed: 'S0',
  references: ['mm/memremap.c:memunmap_pages', '27674ef6c73f mm: remove the extra ZONE_DEVICE struct page refcount'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, deviceDax: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const dev_dax = k.devDax()
    k.mapDax(mm, dev_dax)
    k.call(user_write(mm, 0, 0))
    return { mm, dev_dax }
  },
  cpus: {
    unbind: function* ({ dev_dax }) {
      yield* dev_dax_unbind(dev_dax)
      yield* reach('unbound')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('not pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
      yield* reach('written')
    },
  },
  sometimes: ['unbound', 'not pinned', 'written'],
  oracles: ['O2', 'O4', 'O9', 'O12', 'O13', 'O16'],
  variants: {
    fixed: { apply: ['pgmap-waits-for-pages'], expect: holds, because: 'a page that is held keeps the pagemap, as in 5.17' },
    bug: {
      expect: violates('O16', 'all'),
      because: 'in 6.1 the pagemap waits for those who look a page up, not for those who hold one',
    },
    'no-grace-period': {
      apply: ['pgmap-waits-for-pages', 'mutant-kill-without-grace-period'],
      expect: violates('O16', deviceMemoryWithoutIpi),
      because: 'GUP-fast has seen the pagemap alive, and counts its reference when that is of no use any more',
    },
  },
})
