import { MADV } from '../../kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../kernel/mm/madvise/sys_madvise.js'
import { state } from '../state.js'

/** Enough for a fork, a copy of every page, and what splitting a mapping takes. */
const ROOM = {
  nodes: 2, pages: 6, hugePages: 2, swapSlots: 3, tables: 6, mms: 2, vmas: 8, anonVmas: 4, anonVmaChains: 12,
} as const
const FILE_ROOM = { ...ROOM, files: 1 } as const

/** A process with one mapping. */
export const memoryStates = [
  state({
    name: 'anon', kind: 'anon', gives: ['mm', 'vma', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      const vma = k.anon(mm, { pages: 2, thp: true })
      return { mm, vma, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'shared', kind: 'shared', gives: ['mm', 'vma', 'page', 'file'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { vma, file } = k.shared(mm, { pages: 2 })
      return { mm, vma, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'table without pages', kind: 'shared', gives: ['mm', 'vma', 'file', 'bare'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { vma, file } = k.shared(mm, { pages: 2, touched: [] })
      return { mm, vma, file: k.open(file), bare: file }
    },
  }),
  state({
    name: 'huge', kind: 'huge', gives: ['mm', 'vma', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      const vma = k.huge(mm)
      return { mm, vma, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'forked', kind: 'anon', gives: ['mm', 'child', 'vma', 'page'], childLane: 'child', geometry: { ...ROOM, mms: 3 },
    setup: (k) => {
      const mm = k.mm()
      const vma = k.anon(mm, { pages: 2, value: 6 })
      return { mm, child: k.fork(mm, 'child'), vma, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'cold', kind: 'anon', gives: ['mm', 'vma', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      const vma = k.anon(mm, { pages: 2 })
      k.call(sys_madvise(mm, 0, 2, MADV.COLD))
      return { mm, vma, page: k.pageAt(mm, 0) }
    },
  }),
]
