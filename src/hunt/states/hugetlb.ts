import { state } from '../state.js'

const ROOM = {
  mms: 3, vmas: 6, anonVmas: 3, anonVmaChains: 8, files: 2, hugetlbPages: 3, hugePages: 1, pages: 2, tables: 4, nodes: 2,
} as const

/** Mappings of hugetlbfs. */
export const hugetlbStates = [
  state({
    name: 'hugetlb', kind: 'hugetlb', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.hugetlb(mm, { pages: 1, shared: false })
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'hugetlb shared', kind: 'hugetlb', gives: ['mm', 'page', 'hugetlbFile'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      const file = k.hugetlb(mm)
      return { mm, page: k.pageAt(mm, 0), hugetlbFile: k.open(file) }
    },
  }),
  state({
    name: 'hugetlb by a shared table', kind: 'hugetlb', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.hugetlb(mm)
      k.write(mm, 1, 0)
      k.read(k.fork(mm), 0)
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'hugetlb by a table shared with a child', kind: 'hugetlb', gives: ['mm', 'child', 'page'], childLane: 'child', geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.hugetlb(mm)
      const child = k.fork(mm, 'child')
      k.read(child, 0)
      return { mm, child, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'hugetlb unreserved', kind: 'hugetlb', gives: ['mm', 'child', 'hugetlbFile'], childLane: 'child', geometry: { ...ROOM, filePages: 1, hugetlbPages: 2 },
    setup: (k) => {
      const mm = k.mm()
      const file = k.hugetlb(mm, { pages: 1, noreserve: true, touched: false })
      return { mm, child: k.mm('child'), hugetlbFile: k.open(file) }
    },
  }),
]
