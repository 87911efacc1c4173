import { tlbi_flush } from '../flush/broadcast-flush.js'
import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/** arm64 with hardware access and dirty bits (FEAT_HAFDBS). `arch/arm64/Kconfig`, `asm/tlbflush.h`, `asm/tlb.h`. */
export const arm64: ProfileFacts = {
  ...base,
  name: 'arm64',
  title: 'arm64: invalidations are broadcast and wait for no CPU, tables are freed by RCU',
  flush: tlbi_flush,
  tableFreeing: 'rcu',
  perVmaLock: true,
  pteSpecial: true,
  fastGup: true,
  pteDevmap: true,
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
  accessibleWhileFlushPending: true,
  spuriousFaultFlushes: false,
  breakBeforeMake: true,
  accessFlagsFlush: true,
  iommuKeepsRefusals: true,
}
