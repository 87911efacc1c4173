import { sfence_flush, sfence_flush_mm, sfenceBatch } from '../flush/sfence-flush.js'
import { pmdp_clear_flush, pmdp_clear_flush_tables } from '../entry.js'
import { byKernel } from '../kernels.js'
import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/**
 * riscv64 with Svadu, or walkers that set access and dirty bits all the same; without Svvptc and Svrsw60t59b.
 * `arch/riscv/Kconfig`, `arch/riscv/mm/tlbflush.c`.
 */
export const riscv64: ProfileFacts = {
  ...base,
  name: 'riscv64',
  title: 'riscv64: the firmware of other harts flushes, interrupts on or off; an address flushes leaf entries only',
  flush: byKernel({ '6.1': sfence_flush_mm, '6.12': sfence_flush }),
  // 6.1 has the generic one, which leaves what leads to the table in the walk caches (`arch/riscv/mm/pgtable.c`).
  pmdp_collapse_flush: byKernel({ '6.1': pmdp_clear_flush, '6.12': pmdp_clear_flush_tables }),
  tableFreeing: byKernel({ '6.1': 'pages', '6.12': 'rcu' }),
  batchedUnmapFlush: byKernel({ '6.1': undefined, '6.12': sfenceBatch }),
  ptReclaim: true,
  perVmaLock: true,
  pteSpecial: true,
  fastGup: byKernel({ '6.1': false, '6.12': true }),
  pteDevmap: byKernel({ '6.1': false, '6.12': true }),
  thp: true,
  thpMigration: true,
  thpSwap: true,
  clearYoungFlushes: false,
  hugePmdShare: true,
  moveTables: true,
  numaBalancing: true,
  hardwareAccessed: true,
  hardwareDirty: true,
  walkCaches: true,
  accessibleWhileFlushPending: byKernel({ '6.1': false, '6.12': true }),
}
