import {
  FOLL_LONGTERM, FOLL_WRITE, holds, MADV, pin_user_pages_unlocked, race, reach, sys_madvise, sys_move_pages, unpin_user_page, user_write,
} from 'mmrace'

export default race({
  name: 'longterm-pin-vs-lru-batch',
  title: 'a page has to move before it is pinned for long, and waits in an LRU batch of another CPU',
  references: ['98c6d259319e mm/gup: check ref_count instead of lru before migration (6.17, in 6.1.y as well)'],
  geometry: { nodes: 2, movableNodes: 1, pages: 2, pagevecSize: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(sys_move_pages(mm, 0, 1, 1))
    k.callOn('program', sys_madvise(mm, 0, 1, MADV.FREE))
    return { mm }
  },
  cpus: {
    GUP: function* ({ mm }) {
      const [page] = yield* pin_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_LONGTERM)
      if (!page) return yield* reach('refused')
      yield* reach('pinned')
      yield* unpin_user_page(page)
    },
    program: function* ({ mm }) {
      yield* user_write(mm, 0, 1)
    },
  },
  sometimes: ['pinned', 'refused'],
  variants: {
    fixed: { expect: holds, never: ['refused'], because: 'a page with more references than it should have makes all CPUs empty their batches' },
    '6.16': {
      revert: ['98c6d259319e'],
      expect: holds,
      never: ['pinned'],
      because: 'the page is on the LRU, so that nobody looks for a batch; but what waits to be moved there is held as well',
    },
    'own-batches': { apply: ['mutant-drain-own-batches'], expect: holds, never: ['pinned'], because: 'it waits on another CPU' },
  },
})
