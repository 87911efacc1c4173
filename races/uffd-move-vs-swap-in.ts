import { holds, MADV, race, reach, sys_madvise, user_read, user_write, userfaultfd_move, violates } from 'mmrace'

export default race({
  name: 'uffd-move-vs-swap-in',
  title: 'UFFDIO_MOVE finds a folio in the swap cache by a slot that changes hands twice before it has the locks',
  references: ['0ea148a79919 mm: userfaultfd: fix race of userfaultfd_move and swap cache', 'CVE-2025-38242'],
  geometry: { userfaultfds: 1, pages: 2, swapSlots: 1 },
  needs: ['UFFDIO_MOVE'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0, 1], value: 1 })
    k.userfaultfd(mm, k.anon(mm, { start: 3, pages: 1, touched: [] }), 'missing')
    k.call(sys_madvise(mm, 0, 1, MADV.PAGEOUT))
    return { mm }
  },
  cpus: {
    monitor: function* ({ mm }) {
      if ((yield* userfaultfd_move(mm, 3, 0, 1)) === 0) yield* reach('moved')
    },
    user: function* ({ mm }) {
      yield* user_read(mm, 0)
      yield* sys_madvise(mm, 1, 1, MADV.PAGEOUT)
      yield* user_write(mm, 1, 2)
      yield* sys_madvise(mm, 1, 1, MADV.FREE)
      yield* sys_madvise(mm, 0, 1, MADV.PAGEOUT)
      yield* reach('paged out again')
    },
  },
  sometimes: ['moved', 'paged out again'],
  variants: {
    fixed: { expect: holds, because: 'with the folio locked it looks whether that is in the swap cache, for this slot, and starts again if not' },
    bug: { revert: ['0ea148a79919'], expect: violates('O13', 'all'), because: 'the entry is the same word again, and the other page that had the slot gets the index of the new address' },
    'folio-not-locked': { apply: ['mutant-uffd-move-folio-first'], expect: violates('O13', 'all') },
  },
})
