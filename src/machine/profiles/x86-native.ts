import { pmdp_clear_flush, no_step, xchg_entry } from '../entry.js'
import type { Profile } from '../profile.js'
import { native_flush_tlb } from '../x86/flush.js'
import { x86_enter_lazy_tlb, x86_switch_mm_irqs_off } from '../x86/switch-mm.js'
import { nativeBatch } from '../x86/tlbbatch.js'

/** x86-64 with CONFIG_PARAVIRT=n. `arch/x86/Kconfig`, `arch/x86/mm/tlb.c`. */
export const x86Native: Profile = {
  name: 'x86-native',
  title: 'x86-64 without paravirtualisation: a flush sends IPIs and waits, tables are freed after it',
  flush: native_flush_tlb,
  entry_xchg: xchg_entry,
  pmdp_collapse_flush: pmdp_clear_flush,
  arch_enter_lazy_mmu_mode: no_step,
  arch_leave_lazy_mmu_mode: no_step,
  switch_mm_irqs_off: x86_switch_mm_irqs_off,
  enter_lazy_tlb: x86_enter_lazy_tlb,
  tableFreeing: 'pages',
  tlbNeedsTableInvalidate: true,
  mergeVmas: true,
  noGather: false,
  batchedUnmapFlush: nativeBatch,
  pteSpecial: true,
  fastGup: true,
  pteDevmap: true,
  thp: true,
  thpMigration: true,
  hugePmdShare: true,
  moveTables: true,
  softDirty: true,
  numaBalancing: true,
  userfaultfdWp: true,
  tornEntries: false,
  hardwareAccessed: true,
  hardwareDirty: true,
  walkCaches: true,
  leafFlushDropsWalks: true,
  entryChangeFlushes: false,
  invalidateAdFlushes: false,
  accessibleWhileFlushPending: true,
  spuriousFaultFlushes: false,
  breakBeforeMake: false,
  accessFlagsFlush: false,
  iommuKeepsRefusals: false,
}
