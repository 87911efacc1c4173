import { holds, race, reach, sys_mremap, truncate_setsize, user_write, violates } from 'mmrace'
import { deferredFlush } from './scenes/profiles.js'

export default race({
  name: 'mremap-vs-truncate',
  title: 'mremap moves an entry and drops the lock before it flushes the old address',
  bug: 'A3',
  references: ['eb66ae030829 mremap: properly flush TLB before releasing the page', 'CVE-2018-18281'],
  tlb: true,
  geometry: { files: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1 })
    return { mm, file }
  },
  cpus: {
    mremap: function* ({ mm }) {
      if ((yield* sys_mremap(mm, 0, 1, 2, false)) === 0) yield* reach('moved')
    },
    truncate: function* ({ file }) {
      yield* truncate_setsize(file, 0)
      yield* reach('truncated')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
      else yield* reach('signal')
    },
  },
  sometimes: ['moved', 'truncated', 'written', 'signal'],
  oracles: ['O1', 'O2', 'O3', 'O9', 'O13', 'O14'],
  variants: {
    fixed: { expect: holds, because: 'the flush comes before anybody can find the entry at its new place' },
    bug: {
      revert: ['eb66ae030829'],
      expect: violates('O1', deferredFlush),
      because: 'whoever unmaps the new address flushes only that, and frees the page (O2; but on riscv64 6.1 flushes all at the end of a gather)',
    },
    'flush-first': { apply: ['mutant-mremap-flush-first'], expect: violates('O1', deferredFlush) },
  },
})
