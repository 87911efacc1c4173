import { tlbie_flush } from '../flush/broadcast-flush.js'
import { pmdp_clear_flush_tables } from '../entry.js'
import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/**
 * ppc64 with the radix MMU. `arch/powerpc/mm/book3s64/radix_tlb.c`, `radix_pgtable.c:radix__pmdp_collapse_flush`,
 * which flushes the walk cache but in 6.1 sends no IPI (bedf03416913 removed it).
 */
export const ppc64Radix: ProfileFacts = {
  ...base,
  name: 'ppc64-radix',
  title: 'ppc64 radix: tlbie is broadcast and waits for no CPU, tables are freed by RCU',
  flush: tlbie_flush,
  pmdp_collapse_flush: pmdp_clear_flush_tables,
  collapseFlushSentIpi: true,
  tableFreeing: 'rcu',
  mergeVmas: true,
  perVmaLock: true,
  pteSpecial: true,
  presentIsPermitted: false,
  fastGup: true,
  pteDevmap: true,
  thp: true,
  thpMigration: true,
  clearYoungFlushes: false,
  moveTables: true,
  softDirty: true,
  numaBalancing: true,
  hardwareAccessed: true,
  hardwareDirty: true,
  walkCaches: true,
}
