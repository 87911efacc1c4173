import { holds, MADV, race, reach, sys_madvise, user_store, violates } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'two-gathers-one-range',
  title: 'two threads give the same memory back at once: the second finds nothing to flush',
  bug: 'A2',
  references: ['99baac21e458 mm: fix MADV_[FREE|DONTNEED] TLB flush miss problem', '56236a59556c', '7a30df49f63a'],
  tlb: true,
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    first: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('first done')
    },
    second: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('second done')
    },
    user: function* ({ mm }) {
      if (yield* user_store(mm, 0, 1)) yield* reach('written')
      else yield* reach('fault')
    },
  },
  sometimes: ['first done', 'second done', 'written', 'fault'],
  oracles: ['O1', 'O2', 'O3', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'who finishes while another gather is open flushes everything' },
    bug: {
      revert: ['99baac21e458'],
      expect: violates('O1', deferredFlush),
      because: 'an entry that is already none leaves the range of the gather empty',
    },
    'announced-late': { apply: ['mutant-flush-pending-late'], expect: violates('O1', deferredFlush) },
  },
})
