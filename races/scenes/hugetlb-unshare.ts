import {
  dma_write, FOLL_WRITE, type Mm, pin_user_pages_fast_only, reach, scene, type Steps, sys_mmap_hugetlb, unpin_user_page, user_write,
  VM_READ, VM_WRITE,
} from 'mmrace'

/**
 * Two processes map the same huge pages through one table. The first gives it up, by a call of its own, while another thread
 * of it walks the table without locks. The other has it for itself then, and puts private memory in.
 */
export const hugetlbUnshare = (giveUp: (mm: Mm) => Steps<unknown>) => scene({
  geometry: { mms: 2, vmas: 5, anonVmas: 1, anonVmaChains: 1, files: 2, hugetlbPages: 3, hugePages: 1, pages: 1, tables: 3 },
  setup: (k) => {
    const first = k.mm('process 1', 'gup_fast')
    k.hugetlb(first)
    const second = k.fork(first, 'process 2')
    k.read(second, 0)
    return { first, second }
  },
  cpus: {
    'process 1': function* ({ first }) {
      yield* giveUp(first)
      yield* reach('given up')
    },
    'process 2': function* ({ second }) {
      yield* sys_mmap_hugetlb(second, 0, 1, VM_READ | VM_WRITE, { shared: false })
      if (yield* user_write(second, 0, 2)) yield* reach('private memory in the table')
    },
    gup_fast: function* ({ first }) {
      const [page] = yield* pin_user_pages_fast_only(first, 0, 1, FOLL_WRITE)
      if (!page) return yield* reach('not pinned')
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
  },
  maybe: ['pinned'],
  sometimes: ['given up', 'private memory in the table', 'not pinned'],
})
