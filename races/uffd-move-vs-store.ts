import { holds, race, reach, user_store, userfaultfd_move, violates } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'uffd-move-vs-store',
  title: 'UFFDIO_MOVE of a page that a CPU has in its TLB by its old address',
  references: ['mm/userfaultfd.c:move_present_ptes'],
  tlb: true,
  geometry: { userfaultfds: 1, pages: 3 },
  needs: ['UFFDIO_MOVE'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.userfaultfd(mm, k.anon(mm, { start: 3, pages: 1, touched: [] }), 'missing')
    return { mm }
  },
  cpus: {
    monitor: function* ({ mm }) {
      if ((yield* userfaultfd_move(mm, 3, 0, 1)) === 0) yield* reach('moved')
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 0, 1)) yield* reach('written')
      else yield* reach('fault')
    },
  },
  sometimes: ['moved', 'written', 'fault'],
  variants: {
    fixed: { expect: holds, because: 'the flush comes before the locks are dropped' },
    bug: {
      apply: ['mutant-uffd-move-flush-late'],
      expect: violates('O1', deferredFlush),
      because: 'whoever takes the lock finds the page at its new address only, and a CPU still writes to it by the old one',
    },
  },
})
