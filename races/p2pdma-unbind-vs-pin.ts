import {
  dma_write, FOLL_PCI_P2PDMA, FOLL_WRITE, holds, p2pmem_mmap, pci_p2pdma_remove, pin_user_pages_fast, race, reach, unpin_user_page,
  violates,
} from 'mmrace'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

const MERGED = ['7e9c7ef83d78', '4003f107fa2e']
const FIXED = [...MERGED, 'count-before-page-free']

export default race({
  name: 'p2pdma-unbind-vs-pin',
  title: 'a PCI device goes away while its memory is pinned',
  seed: 'S0',
  references: ['50f44ee7248a mm/devm_memremap_pages: fix final page put race'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, p2pdma: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const p2pdma = k.p2pdma()
    k.call(p2pmem_mmap(p2pdma, mm, 0))
    return { mm, p2pdma }
  },
  cpus: {
    unbind: function* ({ p2pdma }) {
      yield* pci_p2pdma_remove(p2pdma)
      yield* reach('unbound')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE | FOLL_PCI_P2PDMA)
      if (!page) return yield* reach('not pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
      yield* reach('written')
    },
  },
  sometimes: ['unbound', 'not pinned', 'written'],
  oracles: ['O2', 'O4', 'O9', 'O12', 'O13', 'O16'],
  variants: {
    fixed: { apply: FIXED, expect: holds, because: 'each page keeps the pagemap, and who takes it down waits' },
    'as-merged': {
      revert: ['p2pdma-ref0'], apply: MERGED, expect: violates('O16', 'all'),
      because: 'the last put sets the count of the page to 1 after page_free() has let go of the pagemap',
    },
    '7.3': { apply: [...MERGED, 'p2pdma-ref0'], expect: holds, because: 'the count of a free page stays 0: nothing is left to do when the pagemap may go' },
    bug: {
      revert: ['50f44ee7248a'], apply: FIXED, expect: violates('O16', 'all'),
      because: 'the struct pages go before the last reference to one of them',
    },
    'own-references-kept': {
      apply: [...FIXED, 'mutant-base-references-kept'], expect: violates('deadlock', 'all'),
      because: 'who waits for the last reference has one itself, for each page', never: ['unbound'],
    },
    'no-grace-period': {
      apply: [...FIXED, 'mutant-kill-without-grace-period'],
      expect: violates('O16', deviceMemoryWithoutIpi),
      because: 'GUP-fast has read the entry before it was taken away, and looks at the struct page now',
    },
  },
})
