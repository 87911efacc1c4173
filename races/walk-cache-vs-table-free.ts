import { holds, race, reach, sys_munmap, user_read, violates } from 'mmrace'

export default race({
  name: 'walk-cache-vs-table-free',
  title: 'a full batch of page tables goes to RCU while walkers still have them cached',
  bug: 'B5',
  references: ['d86564a2f085 mm/tlb, x86/mm: Support invalidating TLB caches for RCU_TABLE_FREE'],
  tlb: true,
  geometry: { gatherTables: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    user: function* ({ mm }) {
      if ((yield* user_read(mm, 0)) === undefined) yield* reach('signal')
    },
  },
  sometimes: ['unmapped', 'signal'],
  variants: {
    fixed: { expect: holds, because: 'walk caches are dropped before the grace period of the tables begins' },
    bug: {
      revert: ['d86564a2f085'],
      expect: violates('O3', ['x86-pv', 'arm64', 'ppc64-radix', 's390']),
      because: 'a grace period waits for walkers in software, not for what hardware has cached',
    },
    'tables-unsaid': {
      apply: ['mutant-tables-unsaid'],
      expect: violates('O3', ['arm64', 'ppc64-radix']),
      because: 'a flush of leaf entries leaves walk caches alone; on x86 it drops them, on s390 it is of everything',
    },
  },
})
