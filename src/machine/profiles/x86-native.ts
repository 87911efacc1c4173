import { byKernel } from '../kernels.js'
import type { ProfileFacts } from '../profile.js'
import { native_flush_tlb } from '../x86/flush.js'
import { x86_enter_lazy_tlb, x86_switch_mm_irqs_off } from '../x86/switch-mm.js'
import { nativeBatch } from '../x86/tlbbatch.js'
import { base } from './base.js'

/** x86-64 with CONFIG_PARAVIRT=n. `arch/x86/Kconfig`, `arch/x86/mm/tlb.c`. */
export const x86Native: ProfileFacts = {
  ...base,
  name: 'x86-native',
  title: 'x86-64 without paravirtualisation: a flush sends IPIs and waits, tables are freed after it',
  flush: native_flush_tlb,
  // Since 6.15 (x86: select MMU_GATHER_RCU_TABLE_FREE).
  tableFreeing: byKernel({ '6.1': 'pages', '7.2': 'rcu' }),
  switch_mm_irqs_off: x86_switch_mm_irqs_off,
  enter_lazy_tlb: x86_enter_lazy_tlb,
  mergeVmas: true,
  batchedUnmapFlush: nativeBatch,
  ptReclaim: true,
  perVmaLock: true,
  pteSpecial: true,
  presentIsPermitted: false,
  fastGup: true,
  pteDevmap: true,
  thp: true,
  thpMigration: true,
  thpSwap: true,
  clearYoungFlushes: false,
  hugePmdShare: true,
  moveTables: true,
  softDirty: true,
  numaBalancing: true,
  userfaultfdWp: true,
  hardwareAccessed: true,
  hardwareDirty: true,
  walkCaches: true,
  leafFlushDropsWalks: true,
  invalidateAdFlushes: false,
  accessibleWhileFlushPending: true,
  spuriousFaultFlushes: false,
}
