import {
  FOLL_PCI_P2PDMA, FOLL_WRITE, holds, p2pmem_mmap, pin_user_pages_fast, race, reach, sys_munmap, unpin_user_page, user_write, violates,
} from 'mmrace'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

export default race({
  name: 'gup-vs-p2pdma-munmap',
  title: 'memory of a PCI device is unmapped and goes back to its pool while GUP-fast is on its way to it',
  seed: 'S0',
  bug: 'F5',
  references: ['7e9c7ef83d78 PCI/P2PDMA: Allow userspace VMA allocations through sysfs', '4003f107fa2e', 'v3 of 16 September 2021'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, p2pdma: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const p2pdma = k.p2pdma()
    k.call(p2pmem_mmap(p2pdma, mm, 0))
    k.call(user_write(mm, 0, 0))
    return { mm }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    gup: function* ({ mm }) {
      const [page] = yield* pin_user_pages_fast(mm, 0, 1, FOLL_WRITE | FOLL_PCI_P2PDMA)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['unmapped', 'not pinned', 'pinned'],
  oracles: ['O2', 'O4', 'O9', 'O12', 'O13', 'O16'],
  variants: {
    fixed: {
      apply: ['7e9c7ef83d78', '4003f107fa2e'], expect: holds,
      because: 'mappings are counted, and only the last reference gives the page back',
    },
    bug: {
      revert: ['7e9c7ef83d78', '4003f107fa2e', 'p2pdma-ref0'], apply: ['p2pdma-v3'], expect: violates('O13', deviceMemoryWithoutIpi),
      because: 'a free page has one reference; GUP-fast takes another, sees the entry gone, and frees the page again',
    },
    'no-recheck': {
      revert: ['p2pdma-ref0'], apply: ['7e9c7ef83d78', '4003f107fa2e', 'mutant-no-pte-recheck'], expect: violates('O4', deviceMemoryWithoutIpi),
      because: 'one reference is also what a page has that waits for its next owner',
    },
    'no-recheck-7.3': {
      apply: ['7e9c7ef83d78', '4003f107fa2e', 'p2pdma-ref0', 'mutant-no-pte-recheck'], expect: holds,
      because: 'a page that is free has no reference to which GUP could add one',
    },
  },
})
