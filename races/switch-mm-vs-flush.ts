import { holds, MADV, race, reach, switch_mm, sys_madvise, user_write, violates } from 'mmrace'

export default race({
  name: 'switch-mm-vs-flush',
  title: 'a CPU that comes back to an address space finds no flush to make, and the flush does not find the CPU',
  bug: 'A5',
  references: [
    'fea4e317f9e7 x86/mm: Eliminate window where TLB flushes may be inadvertently skipped', '83b0177a6c48', 'CVE-2025-37964',
  ],
  litmus: ['a5a-context-switch-vs-flush'],
  tlb: true,
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
    user: function* ({ mm }) {
      yield* switch_mm(undefined)
      yield* switch_mm(mm)
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['unmapped', 'written'],
  variants: {
    fixed: { expect: holds, because: 'a flush sends its IPI to whoever is switching' },
    bug: {
      revert: ['fea4e317f9e7'],
      expect: violates('O2', ['x86-native', 'x86-pv', 'x86-pae']),
      because: 'the flush takes the CPU for one that still runs something else',
    },
    'announced-late': {
      apply: ['mutant-switching-late'],
      expect: violates('O2', ['x86-native', 'x86-pv', 'x86-pae']),
      because: 'as in the first version that stable kernels got: the flush comes between the two',
    },
  },
})
