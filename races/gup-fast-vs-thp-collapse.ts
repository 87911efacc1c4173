import {
  collapse_huge_page, dma_write, FOLL_WRITE, holds, khugepaged_collapse_control, mmap_read_lock, pin_user_pages_fast_only, race,
  reach, unpin_user_page, violates,
} from 'mmrace'

export default race({
  name: 'gup-fast-vs-thp-collapse',
  title: 'khugepaged collapses a huge page under a lockless page-table walk',
  seed: 'S1',
  bug: 'B1',
  question: 'Q11',
  references: ['70cbc3cc78a9 mm: gup: fix the fast GUP race against THP collapse', '2ba99c5e0881', 'bedf03416913'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0], thp: true })
    return { mm }
  },
  cpus: {
    khugepaged: function* ({ mm }) {
      yield* mmap_read_lock(mm)
      if ((yield* collapse_huge_page(mm, 0, khugepaged_collapse_control)) === 'SCAN_SUCCEED') yield* reach('collapsed')
      else yield* reach('gave up')
    },
    gup_fast: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast_only(mm, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['collapsed', 'gave up', 'pinned', 'not pinned'],
  variants: {
    fixed: { expect: holds, because: 'the recheck of the PMD and the IPI each close it' },
    bug: {
      revert: ['70cbc3cc78a9', '2ba99c5e0881'],
      expect: violates('O6', ['x86-pv', 'arm64', 'ppc64-radix', 's390']),
      because: 'a flush that waits for no walker lets it come back with the old page',
    },
    'recheck-only': { revert: ['2ba99c5e0881'], expect: holds, because: 'as in 6.0' },
    'ipi-only': { revert: ['70cbc3cc78a9'], expect: holds },
  },
})
