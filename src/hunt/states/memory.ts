import { MADV } from '../../kernel/mm/madvise/advice.js'
import { sys_madvise } from '../../kernel/mm/madvise/sys_madvise.js'
import { sys_move_pages } from '../../kernel/mm/migrate/move_pages.js'
import { clear_refs_soft_dirty } from '../../kernel/fs/proc/clear_refs.js'
import { set_page_dirty_lock } from '../../kernel/mm/page-writeback/set_page_dirty_lock.js'
import { state } from '../state.js'
import { ROOM } from './room.js'

/** Anonymous memory, in each of the ways that it can be mapped. */
export const memoryStates = [
  state({
    name: 'anon', kind: 'anon', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, thp: true })
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'one page', kind: 'anon', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'full table', kind: 'anon', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, touched: [0, 1], thp: true })
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'zero page', kind: 'anon', gives: ['mm'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, touched: [] })
      k.read(mm, 0)
      return { mm }
    },
  }),
  state({
    name: 'cold', kind: 'anon', gives: ['mm', 'page'], geometry: { ...ROOM, swapSlots: 1 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.call(sys_madvise(mm, 0, 1, MADV.COLD))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'given back', kind: 'anon', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.call(sys_madvise(mm, 0, 1, MADV.FREE))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'swapped out', kind: 'anon', gives: ['mm'], geometry: { ...ROOM, swapSlots: 1 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.call(sys_madvise(mm, 0, 1, MADV.PAGEOUT))
      return { mm }
    },
  }),
  state({
    name: 'slot was used', kind: 'anon', gives: ['mm', 'page'], geometry: { ...ROOM, swapSlots: 1, pagevecSize: 2 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 7 })
      k.call(set_page_dirty_lock(k.pageAt(mm, 0)))
      k.call(sys_madvise(mm, 0, 1, MADV.PAGEOUT))
      k.write(mm, 0, 6)
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'soft-clean', kind: 'anon', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.call(clear_refs_soft_dirty(mm))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'other node', kind: 'anon', gives: ['mm', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.call(sys_move_pages(mm, 0, 1, 1))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'movable zone', kind: 'anon', gives: ['mm', 'page'], geometry: { ...ROOM, movableNodes: 1, pagevecSize: 2 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      k.call(sys_move_pages(mm, 0, 1, 1))
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'two mappings', kind: 'anon', gives: ['mm', 'two', 'page'], geometry: ROOM,
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      k.anon(mm, { start: 2, pages: 1 })
      return { mm, two: mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'small gathers', kind: 'anon', gives: ['mm', 'page'], geometry: { ...ROOM, gatherTables: 1, gatherPages: 1 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'no batch of tables', kind: 'anon', gives: ['mm', 'page'], geometry: { ...ROOM, gatherTables: 0 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1 })
      return { mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'OOM victim', kind: 'anon', gives: ['mm', 'victim', 'page'], geometry: { ...ROOM, oomReapRetries: 1 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 1, value: 6 })
      return { mm, victim: mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'userfaultfd', kind: 'anon', gives: ['mm', 'watched', 'page'], needs: ['HAVE_ARCH_USERFAULTFD_WP'], geometry: { ...ROOM, userfaultfds: 1 },
    setup: (k) => {
      const mm = k.mm()
      const vma = k.anon(mm, { pages: 1, value: 6 })
      k.userfaultfd(mm, vma)
      return { mm, watched: mm, page: k.pageAt(mm, 0) }
    },
  }),
  state({
    name: 'mergeable', kind: 'anon', gives: ['mm', 'mergeable', 'page'], geometry: { ...ROOM, ksmItems: 4, ksmNodes: 2 },
    setup: (k) => {
      const mm = k.mm()
      k.anon(mm, { pages: 2, touched: [0, 1], value: 6 })
      k.call(sys_madvise(mm, 0, 2, MADV.MERGEABLE))
      return { mm, mergeable: mm, page: k.pageAt(mm, 0) }
    },
  }),
]
