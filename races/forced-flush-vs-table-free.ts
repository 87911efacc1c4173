import { holds, MADV, race, reach, sys_madvise, sys_munmap, user_read, violates } from 'mmrace'

/** Where a flush of leaf entries leaves walk caches alone. */
const LEAVES_WALKS = ['arm64', 'arm64-sw-dirty', 'ppc64-radix']

export default race({
  name: 'forced-flush-vs-table-free',
  title: 'munmap flushes everything because another gather is open, and forgets that it has a page table to free',
  bug: 'A-7a30df49f63a',
  references: ['7a30df49f63a mm: mmu_gather: remove __tlb_reset_range() for force flush', 'dd2283f2605e'],
  tlb: true,
  geometry: { vmas: 3, tables: 2, anonVmas: 2, anonVmaChains: 4 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.anon(mm, { start: 2, pages: 1 })
    return { mm }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 2, 1, MADV.DONTNEED)
      yield* reach('given back')
    },
    user: function* ({ mm }) {
      if ((yield* user_read(mm, 0)) === undefined) yield* reach('signal')
    },
  },
  sometimes: ['unmapped', 'given back', 'signal'],
  oracles: ['O1', 'O2', 'O3', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'the flush of everything includes the walk caches' },
    bug: {
      revert: ['7a30df49f63a'],
      expect: violates('O3', LEAVES_WALKS),
      because: 'all leaf entries are flushed, and a walker still has the pointer to the table',
    },
    'tables-unsaid': { apply: ['mutant-tables-unsaid'], expect: violates('O3', LEAVES_WALKS) },
  },
})
