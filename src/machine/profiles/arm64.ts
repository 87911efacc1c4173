import { tlbi_flush, tlbiBatch } from '../flush/broadcast-flush.js'
import { byKernel } from '../kernels.js'
import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/** arm64 with hardware access and dirty bits (FEAT_HAFDBS). `arch/arm64/Kconfig`, `asm/tlbflush.h`, `asm/tlb.h`. */
export const arm64: ProfileFacts = {
  ...base,
  name: 'arm64',
  title: 'arm64: invalidations are broadcast and wait for no CPU, tables are freed by RCU',
  flush: tlbi_flush,
  tableFreeing: 'rcu',
  ptReclaim: true,
  perVmaLock: true,
  pteSpecial: true,
  presentIsPermitted: false,
  fastGup: true,
  pteDevmap: true,
  thp: true,
  thpMigration: true,
  thpSwap: true,
  // 6.6: ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH.
  batchedUnmapFlush: byKernel({ '6.1': undefined, '6.12': tlbiBatch }),
  clearYoungFlushes: false,
  hugePmdShare: true,
  moveTables: true,
  numaBalancing: true,
  // 6.10: HAVE_ARCH_USERFAULTFD_WP.
  userfaultfdWp: byKernel({ '6.1': false, '6.12': true }),
  hardwareAccessed: true,
  hardwareDirty: true,
  walkCaches: true,
  accessibleWhileFlushPending: true,
  spuriousFaultFlushes: false,
  breakBeforeMake: true,
  accessFlagsFlush: true,
  iommuKeepsRefusals: true,
}
