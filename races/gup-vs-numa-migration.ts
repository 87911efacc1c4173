import {
  dma_write, FOLL_FORCE, FOLL_WRITE, holds, pin_user_pages_unlocked, race, reach, set_page_dirty_lock, sys_move_pages, task_numa_work,
  unpin_user_page, user_read, violates,
} from 'mmrace'

/** How huge pages moved until 5.13. */
const BY_COPY = ['c5b5a3dd2c1f']
/** Where NUMA balancing meets huge pages that can be moved whole, as at set-up. */
const affected = ['x86-native', 'x86-pv', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 'ppc64-hash', 'riscv64', 'loongarch64']

export default race({
  name: 'gup-vs-numa-migration',
  title: 'a NUMA hinting fault copies a huge page to another node while GUP takes the old one',
  bug: 'E1',
  references: ['2b4847e73004 mm: numa: serialise parallel get_user_page against THP migration', 'c5b5a3dd2c1f'],
  geometry: { nodes: 2, pages: 2 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.huge(mm)
    k.call(sys_move_pages(mm, 0, 1, 1))
    k.call(task_numa_work(mm))
    return { mm }
  },
  cpus: {
    fault: function* ({ mm }) {
      if ((yield* user_read(mm, 0)) !== undefined) yield* reach('read')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_unlocked(mm, 0, 1, FOLL_WRITE | FOLL_FORCE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 1)
      // Takes the page lock: without it, all of this could happen between copy and count, and 5.13 would lose the write.
      yield* set_page_dirty_lock(page)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['read', 'pinned'],
  variants: {
    fixed: { expect: holds, because: 'a migration entry keeps GUP out while the page is copied, and pinned pages stay' },
    '5.13': { revert: BY_COPY, expect: holds, because: 'with the lock held the copy is dropped if somebody holds the page' },
    bug: {
      revert: [...BY_COPY, '2b4847e73004'],
      expect: violates('O6', affected),
      because: 'FOLL_FORCE looks past the hint: what is written to the old page after the copy is lost',
    },
    'count-too-early': {
      revert: BY_COPY,
      apply: ['mutant-count-before-lock'],
      expect: violates('O6', affected),
      because: 'GUP comes between the look at the count and the lock',
    },
  },
})
