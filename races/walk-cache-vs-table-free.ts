import { holds, race, violates } from 'mmrace'
import { munmapVsRead } from './scenes/munmap-vs-read.js'

export default race({
  name: 'walk-cache-vs-table-free',
  title: 'a full batch of page tables goes to RCU while walkers still have them cached',
  bug: 'B5',
  references: ['d86564a2f085 mm/tlb, x86/mm: Support invalidating TLB caches for RCU_TABLE_FREE'],
  ...munmapVsRead,
  geometry: { gatherTables: 1 },
  variants: {
    fixed: { expect: holds, because: 'walk caches are dropped before the grace period of the tables begins' },
    bug: {
      revert: ['d86564a2f085'],
      expect: violates('O3', ['x86-pv', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 's390']),
      because: 'a grace period waits for walkers in software, not for what hardware has cached',
    },
    'tables-unsaid': {
      apply: ['mutant-tables-unsaid'],
      expect: violates('O3', ['arm64', 'arm64-sw-dirty', 'ppc64-radix']),
      because: 'a flush of leaf entries leaves walk caches alone; on x86 it drops them, on s390 it is of everything',
    },
  },
})
