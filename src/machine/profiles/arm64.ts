import { tlbi_flush } from '../flush/broadcast-flush.js'
import type { Profile } from '../profile.js'
import { load_tables } from '../switch-mm.js'
import { no_step } from '../entry.js'
import { x86Native } from './x86-native.js'

/** arm64 with hardware access and dirty bits (FEAT_HAFDBS). `arch/arm64/Kconfig`, `asm/tlbflush.h`, `asm/tlb.h`. */
export const arm64: Profile = {
  ...x86Native,
  softDirty: false,
  name: 'arm64',
  title: 'arm64: invalidations are broadcast and wait for no CPU, tables are freed by RCU',
  flush: tlbi_flush,
  tableFreeing: 'rcu',
  mergeVmas: false,
  switch_mm_irqs_off: load_tables,
  enter_lazy_tlb: no_step,
  batchedUnmapFlush: undefined,
  invalidateAdFlushes: true,
  leafFlushDropsWalks: false,
  breakBeforeMake: true,
  accessFlagsFlush: true,
  iommuKeepsRefusals: true,
  userfaultfdWp: false,
}
