import { flush_mm_later, flush_mm_lazy, idte_collapse_flush, ipte_entry_xchg } from '../flush/ipte-flush.js'
import type { Profile } from '../profile.js'
import { load_tables } from '../switch-mm.js'
import { no_step } from '../entry.js'
import { x86Pv } from './x86-pv.js'

/** s390: changing an entry flushes it. `arch/s390/mm/pgtable.c`, `asm/tlb.h` (MMU_GATHER_NO_GATHER). */
export const s390: Profile = {
  ...x86Pv,
  userfaultfdWp: false,
  name: 's390',
  title: 's390: IPTE invalidates an entry and all TLBs at once, pages are freed as they are removed',
  flush: flush_mm_lazy,
  entry_xchg: ipte_entry_xchg,
  pmdp_collapse_flush: idte_collapse_flush,
  noGather: true,
  tableFreeingAtFirst: 'rcu',
  table_removed: flush_mm_later,
  switch_mm_irqs_off: load_tables,
  enter_lazy_tlb: no_step,
  batchedUnmapFlush: undefined,
  invalidateAdFlushes: true,
  entryChangeFlushes: true,
  pteDevmap: false,
  thpMigration: false,
  hugePmdShare: false,
  moveTables: false,
  hardwareAccessed: false,
  hardwareDirty: false,
  accessibleWhileFlushPending: false,
}
