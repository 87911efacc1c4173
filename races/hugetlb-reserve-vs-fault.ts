import { holds, race, reach, sys_mmap_hugetlb, user_write, violates, VM_READ, VM_WRITE } from 'mmrace'

export default race({
  name: 'hugetlb-reserve-vs-fault',
  title: 'mmap() sets a huge page aside for a place of a file that a fault without reservation is about to fill',
  references: ['mm/hugetlb: handle races in alloc_huge_page and hugetlb_reserve_pages (2015)'],
  geometry: { mms: 2, vmas: 2, files: 1, filePages: 1, hugetlbPages: 2, hugePages: 1, pages: 1, tables: 2 },
  setup: (k) => {
    const first = k.mm('fault')
    const file = k.hugetlb(first, { pages: 1, noreserve: true, touched: false })
    const second = k.mm('mmap')
    return { first, second, file }
  },
  cpus: {
    fault: function* ({ first }) {
      if (yield* user_write(first, 0, 1)) yield* reach('written')
    },
    mmap: function* ({ second, file }) {
      if ((yield* sys_mmap_hugetlb(second, 0, 1, VM_READ | VM_WRITE, { shared: true, file: file.ref })) === 0) yield* reach('mapped')
    },
  },
  sometimes: ['written', 'mapped'],
  variants: {
    fixed: { expect: holds, because: 'who finds the place in the map that was not there a moment ago takes one off the count' },
    bug: {
      revert: ['hugetlb-reserve-vs-alloc'],
      expect: violates('O9', 'all'),
      because: 'one page is set aside for ever for a place that has its page',
    },
    'mmap-does-not-look': { apply: ['mutant-reserve-unadjusted'], expect: violates('O9', 'all') },
  },
})
