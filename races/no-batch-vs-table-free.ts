import { holds, race, violates } from 'mmrace'
import { munmapVsRead } from './scenes/munmap-vs-read.js'

const AFFECTED = ['x86-pv', 'arm64', 'arm64-sw-dirty', 'ppc64-radix', 's390']

export default race({
  name: 'no-batch-vs-table-free',
  title: 'there is no memory to put a page table off: it is freed after an IPI, and walkers still have it cached',
  bug: 'B-0ed1325967ab',
  references: ['0ed1325967ab mm/mmu_gather: invalidate TLB correctly on batch allocation failure and flush'],
  ...munmapVsRead,
  geometry: { gatherTables: 0 },
  variants: {
    fixed: { expect: holds, because: 'walk caches are dropped first, then the IPI waits for walkers in software' },
    bug: {
      revert: ['0ed1325967ab'],
      expect: violates('O3', AFFECTED),
      because: 'an IPI stops GUP-fast, and no walker in hardware',
    },
    'tables-unsaid': {
      apply: ['mutant-tables-unsaid'],
      expect: violates('O3', ['arm64', 'arm64-sw-dirty', 'ppc64-radix']),
      because: 'a flush of leaf entries leaves walk caches alone; on x86 it drops them, on s390 it is of everything',
    },
  },
})
