import { MADV } from '../../kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../kernel/mm/madvise/sys_madvise.js'
import { sys_move_pages } from '../../kernel/mm/migrate/move_pages.js'
import { task_numa_work } from '../../kernel/sched/task_numa_work.js'
import { state } from '../state.js'
import { FILE_ROOM, ROOM } from './room.js'

/** Memory of two processes, huge pages, and files. */
export const sharedStates = [
  state({
    name: 'forked', kind: 'anon', gives: ['mm', 'page'], geometry: { ...ROOM, mms: 3 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, value: 6 })
      k.fork(mm)
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'with a child', kind: 'anon', gives: ['mm', 'child', 'page'], childLane: 'child', geometry: { ...ROOM, mms: 3 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, value: 6 })
      return { mm, child: k.fork(mm, 'child'), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'huge', kind: 'huge', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.huge(mm)
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'huge cold', kind: 'huge', gives: ['mm', 'page'], geometry: { ...ROOM, swapSlots: 2 },
    setup: (k) => {
      const mm = k.mm()
      k.huge(mm)
      k.call(sys_madvise(mm, 0, 2, MADV.COLD))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'huge split', kind: 'huge', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.huge(mm)
      k.call(sys_madvise(mm, 1, 1, MADV.DONTNEED))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'huge scanned', kind: 'huge', gives: ['mm', 'page'], geometry: { ...ROOM, hugePages: 2 },
    setup: (k) => {
      const mm = k.mm()
      k.huge(mm)
      k.call(sys_move_pages(mm, 0, 1, 1))
      k.call(task_numa_work(mm))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'huge with a child', kind: 'huge', gives: ['mm', 'child', 'page'], childLane: 'child', geometry: { ...ROOM, mms: 3 },
    setup: (k) => {
      const mm = k.mm()
      k.huge(mm)
      return { mm, child: k.fork(mm, 'child'), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'shared', kind: 'shared', gives: ['mm', 'page', 'file'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 2, value: 6 })
      return { mm, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'shared clean', kind: 'shared', gives: ['mm', 'page', 'file'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 1, touched: [] })
      k.read(mm, 0)
      return { mm, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'shared cold', kind: 'shared', gives: ['mm', 'page', 'file'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 1, value: 6 })
      k.call(sys_madvise(mm, 0, 1, MADV.COLD))
      return { mm, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'shared huge', kind: 'shared', gives: ['mm', 'page', 'file'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 2, touched: [0, 1], value: 6 })
      k.call(sys_madvise(mm, 0, 2, MADV.COLLAPSE))
      return { mm, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'shared huge by small entries', kind: 'shared', gives: ['mm', 'page', 'file'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 2, touched: [0] })
      k.call(sys_madvise(k.fork(mm), 0, 2, MADV.COLLAPSE))
      k.read(mm, 0)
      return { mm, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'shared with a child', kind: 'shared', gives: ['mm', 'child', 'page', 'file'], childLane: 'child', geometry: { ...FILE_ROOM, mms: 3 },
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 2, value: 6 })
      const child = k.fork(mm, 'child')
      k.read(child, 0)
      return { mm, child, file: k.open(file), page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'table without pages', kind: 'shared', gives: ['mm', 'file', 'bare'], geometry: FILE_ROOM,
    setup: (k) => {
      const mm = k.mm()
      const { file } = k.shared(mm, { pages: 2, touched: [] })
      return { mm, file: k.open(file), bare: file }
    },
  }),
  state({
    name: 'private of a file', kind: 'anon', gives: ['mm', 'file'], geometry: { ...FILE_ROOM, mms: 3 },
    setup: (k) => {
      const owner = k.mm()
      const { file } = k.shared(owner, { pages: 1, value: 6 })
      const mm = k.mm()
      k.privateFile(mm, file)
      return { mm, file: k.open(file) }
    },
  }),
]
