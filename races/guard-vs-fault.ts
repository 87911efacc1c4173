import { holds, MADV, race, reach, sys_madvise, user_write, violates } from 'mmrace'

export default race({
  name: 'guard-vs-fault',
  title: 'a guard page is installed where another thread takes a fault',
  references: ['mm/madvise.c:madvise_guard_install'],
  tlb: true,
  geometry: { pages: 3 },
  needs: ['MADV_GUARD'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [1] })
    return { mm }
  },
  cpus: {
    guard: function* ({ mm }) {
      if ((yield* sys_madvise(mm, 0, 1, MADV.GUARD_INSTALL)) === 0) yield* reach('guarded')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
      else yield* reach('signal')
    },
  },
  sometimes: ['guarded', 'written', 'signal'],
  variants: {
    fixed: { expect: holds, because: 'a marker takes the place of nothing only, under the lock; what a fault has mapped is zapped first' },
    bug: { apply: ['mutant-guard-looks-early'], expect: violates('O18', 'all'), because: 'a marker takes the place of the page that a fault has mapped meanwhile: CPUs still reach it, and nobody ever unmaps it' },
  },
})
