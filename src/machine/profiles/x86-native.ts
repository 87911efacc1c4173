import { pmdp_clear_flush, no_lazy_mmu, xchg_entry } from '../entry.js'
import { ipi_flush } from '../flush/ipi-flush.js'
import type { Profile } from '../profile.js'

/** x86-64 with CONFIG_PARAVIRT=n. `arch/x86/Kconfig`, `arch/x86/mm/tlb.c`. */
export const x86Native: Profile = {
  name: 'x86-native',
  title: 'x86-64 without paravirtualisation: a flush sends IPIs and waits, tables are freed after it',
  flush: ipi_flush,
  entry_xchg: xchg_entry,
  pmdp_collapse_flush: pmdp_clear_flush,
  arch_enter_lazy_mmu_mode: no_lazy_mmu,
  arch_leave_lazy_mmu_mode: no_lazy_mmu,
  tableFreeing: 'pages',
  tlbNeedsTableInvalidate: true,
  mergeVmas: true,
  noGather: false,
  batchedUnmapFlush: true,
  pteSpecial: true,
  fastGup: true,
  pteDevmap: true,
  thp: true,
  thpMigration: true,
  hugePmdShare: true,
  moveTables: true,
  numaBalancing: true,
  tornEntries: false,
  hardwareAccessed: true,
  hardwareDirty: true,
  walkCaches: true,
  leafFlushDropsWalks: true,
  accessibleWhileFlushPending: true,
  spuriousFaultFlushes: false,
  breakBeforeMake: false,
}
