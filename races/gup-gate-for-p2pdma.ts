import { FOLL_WRITE, holds, p2pmem_mmap, pin_user_pages_fast, race, reach, sys_munmap, unpin_user_page, violates } from 'mmrace'

export default race({
  name: 'gup-gate-for-p2pdma',
  title: 'a driver that knows nothing of PCI memory pins some, and will map it for DMA as if it were RAM',
  seed: 'S0',
  bug: 'F5',
  references: ['4003f107fa2e mm: introduce FOLL_PCI_P2PDMA to gate getting PCI P2PDMA pages'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, p2pdma: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.call(p2pmem_mmap(k.p2pdma(), mm, 0))
    return { mm }
  },
  cpus: {
    munmap: ({ mm }) => sys_munmap(mm, 0, 1),
    driver: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('refused')
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['refused'],
  oracles: ['O2', 'O4', 'O9', 'O13', 'O16'],
  variants: {
    fixed: { apply: ['7e9c7ef83d78', '4003f107fa2e'], expect: holds, because: 'GUP refuses whoever does not say FOLL_PCI_P2PDMA' },
    bug: {
      revert: ['4003f107fa2e'], apply: ['7e9c7ef83d78'], expect: violates('O4', 'all'),
      because: 'a counted mapping looks like that of any page of a file',
    },
    'slow-only': {
      apply: ['7e9c7ef83d78', '4003f107fa2e', 'mutant-gate-slow-only'], expect: violates('O4', 'all'),
      because: 'GUP-fast sees the page only, and has to ask as well',
    },
  },
})
