import {
  dma_write, FOLL_PCI_P2PDMA, FOLL_WRITE, holds, p2pmem_mmap, pin_user_pages_fast, race, reach, sys_munmap, unpin_user_page, user_write,
  violates,
} from 'mmrace'
import { deviceMemoryWithoutIpi } from './scenes/profiles.js'

const MERGED = ['7e9c7ef83d78', '4003f107fa2e']

export default race({
  name: 'gup-vs-p2pdma-second-owner',
  title: 'memory of a PCI device is unmapped and given to another process while GUP-fast is on its way to it',
  seed: 'S0',
  bug: 'F5',
  references: ['7e9c7ef83d78 PCI/P2PDMA: Allow userspace VMA allocations through sysfs', '4003f107fa2e', 'v3 of 16 September 2021'],
  needs: ['ZONE_DEVICE'],
  geometry: { files: 1, filePages: 1, pages: 0, p2pdma: 1, mms: 2, tables: 2 },
  setup: (k) => {
    const first = k.mm('process 1', 'gup')
    const second = k.mm('process 2')
    const p2pdma = k.p2pdma()
    k.call(p2pmem_mmap(p2pdma, first, 0))
    k.call(user_write(first, 0, 0))
    return { first, second, p2pdma }
  },
  cpus: {
    'process 1': function* ({ first }) {
      yield* sys_munmap(first, 0, 1)
      yield* reach('unmapped')
    },
    'process 2': function* ({ second, p2pdma }) {
      if (yield* p2pmem_mmap(p2pdma, second, 0)) return yield* reach('no memory')
      if (yield* user_write(second, 0, 2)) yield* reach('page has a new owner')
      yield* sys_munmap(second, 0, 1)
    },
    gup: function* ({ first }) {
      const [page] = yield* pin_user_pages_fast(first, 0, 1, FOLL_WRITE | FOLL_PCI_P2PDMA)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
  },
  sometimes: ['unmapped', 'no memory', 'page has a new owner', 'not pinned', 'pinned'],
  oracles: ['O2', 'O4', 'O9', 'O12', 'O13', 'O16'],
  variants: {
    fixed: { apply: MERGED, expect: holds, because: 'a late reference goes to a page of somebody else, and the recheck gives it back' },
    bug: {
      revert: ['7e9c7ef83d78', '4003f107fa2e', 'p2pdma-ref0'], apply: ['p2pdma-v3'], never: ['no memory'], expect: violates('O13', deviceMemoryWithoutIpi),
      because: 'the reference that the recheck gives back is taken for the last one of the page, which is freed once more',
    },
    'no-recheck': {
      apply: [...MERGED, 'mutant-no-pte-recheck'], expect: violates('O4', deviceMemoryWithoutIpi),
      because: 'GUP returns what process 2 has got',
    },
  },
})
