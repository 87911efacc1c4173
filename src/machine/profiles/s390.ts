import { flush_mm_later, flush_mm_lazy, idte_collapse_flush, ipte_entry_xchg } from '../flush/ipte-flush.js'
import { byKernel } from '../kernels.js'
import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/** s390: changing an entry flushes it. `arch/s390/mm/pgtable.c`, `asm/tlb.h` (MMU_GATHER_NO_GATHER). */
export const s390: ProfileFacts = {
  ...base,
  name: 's390',
  title: 's390: IPTE invalidates an entry and all TLBs at once, pages are freed as they are removed',
  // Segments of 1 MiB: `arch/s390/include/asm/pgtable.h:_SEGMENT_SHIFT`.
  pmdShift: 20,
  flush: flush_mm_lazy,
  entry_xchg: ipte_entry_xchg,
  pmdp_collapse_flush: idte_collapse_flush,
  tableFreeing: 'rcu',
  tableFreeingAtFirst: 'rcu',
  table_removed: flush_mm_later,
  mergeVmas: true,
  noGather: true,
  ptReclaim: true,
  perVmaLock: true,
  pteSpecial: true,
  fastGup: true,
  thp: true,
  // ARCH_HAS_PMD_SOFTLEAVES, ARCH_WANTS_THP_SWAP.
  thpMigration: byKernel({ '6.1': false, '7.2': true }),
  thpSwap: byKernel({ '6.1': false, '7.2': true }),
  softDirty: true,
  numaBalancing: true,
  walkCaches: true,
  leafFlushDropsWalks: true,
  entryChangeFlushes: true,
  // flush_tlb_page() does nothing here: the entry was flushed when it changed.
  spuriousFaultFlushes: false,
}
