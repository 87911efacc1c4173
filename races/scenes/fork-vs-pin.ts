import {
  dma_write, dup_mm, FOLL_WRITE, type Mm, type Page, reach, scene, type Steps, unpin_user_page, user_write,
} from 'mmrace'

/**
 * A thread pins a page for a device, which writes to it, while another forks and goes on writing to its memory. `hugetlb`: the
 * page is one of hugetlbfs.
 */
export const forkVsPin = (pin: (mm: Mm, start: number, nr: number, flags: number) => Steps<readonly Page[]>, hugetlb = false) => scene({
  geometry: {
    mms: 2, pages: 4, tables: 3, vmas: 2, anonVmas: 2, anonVmaChains: 3, ...(hugetlb ? { hugetlbPages: 2, files: 1, pages: 1 } : {}),
  },
  setup: (k) => {
    const mm = k.mm()
    if (hugetlb) k.hugetlb(mm, { pages: 1, shared: false })
    else k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    device: function* ({ mm }) {
      const [page] = yield* pin(mm, 0, 1, FOLL_WRITE)
      if (!page) return
      yield* reach('pinned')
      yield* dma_write(page, 1)
      yield* unpin_user_page(page)
    },
    fork: function* ({ mm }) {
      yield* dup_mm(mm)
      yield* user_write(mm, 0, 2)
      yield* reach('written after fork')
    },
  },
  maybe: ['not pinned'],
  sometimes: ['pinned', 'written after fork'],
})
