import {
  dma_write, FOLL_WRITE, give_up_page, holds, pin_user_pages_fast, race, reach, unpin_user_page, violates,
} from 'mmrace'

export default race({
  name: 'gup-vs-driver-reuse',
  title: 'may the caller of unmap_mapping_range() give the pages out again itself?',
  seed: 'S0',
  question: 'Q4',
  references: ['7e9c7ef83d78 PCI/P2PDMA: Allow userspace VMA allocations through sysfs', '4003f107fa2e'],
  geometry: { files: 1, pages: 2 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1 })
    return { mm, file, page: k.page(file, 0) }
  },
  cpus: {
    driver: function* ({ file, page }) {
      yield* give_up_page(file, page)
      yield* reach('given up')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['given up', 'pinned'],
  variants: {
    fixed: { expect: holds, because: 'the page is free when the last reference is gone, and GUP holds one' },
    bug: {
      apply: ['driver-reissues-pages'],
      expect: violates('O2', 'all'),
      because: 'whoever pinned it before goes on writing to it, with IPIs or without',
    },
    'through-rcu': {
      apply: ['driver-reissues-pages', 'pages-through-rcu'],
      expect: violates('O2', 'all'),
      because: 'a grace period waits for walkers, not for who holds a page',
    },
  },
})
