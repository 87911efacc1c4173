import { ipi_flush } from '../flush/ipi-flush.js'
import { no_step, pmdp_clear_flush, xchg_entry } from '../entry.js'
import type { Profile } from '../profile.js'
import { load_tables } from '../switch-mm.js'

/**
 * What an architecture is that selects nothing and overrides nothing: `include/asm-generic`, `include/linux/pgtable.h`.
 * Each profile says where it differs.
 */
export const base: Omit<Profile, 'name' | 'title'> = {
  pageShift: 12,
  pmdShift: 21,
  flush: ipi_flush,
  entry_xchg: xchg_entry,
  pmdp_collapse_flush: pmdp_clear_flush,
  arch_enter_lazy_mmu_mode: no_step,
  arch_leave_lazy_mmu_mode: no_step,
  switch_mm_irqs_off: load_tables,
  enter_lazy_tlb: no_step,
  tableFreeing: 'pages',
  tlbNeedsTableInvalidate: true,
  mergeVmas: false,
  noGather: false,
  batchedUnmapFlush: undefined,
  ptReclaim: false,
  perVmaLock: false,
  pteSpecial: false,
  presentIsPermitted: true,
  fastGup: false,
  pteDevmap: false,
  thp: false,
  thpMigration: false,
  thpSwap: false,
  clearYoungFlushes: true,
  hugePmdShare: false,
  moveTables: false,
  softDirty: false,
  numaBalancing: false,
  userfaultfdWp: false,
  tornEntries: false,
  hardwareAccessed: false,
  hardwareDirty: false,
  walkCaches: false,
  leafFlushDropsWalks: false,
  entryChangeFlushes: false,
  invalidateAdFlushes: true,
  accessibleWhileFlushPending: false,
  spuriousFaultFlushes: true,
  breakBeforeMake: false,
  accessFlagsFlush: false,
  iommuKeepsRefusals: false,
}
