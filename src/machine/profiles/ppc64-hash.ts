import {
  hash_collapse_flush, hash_enter_lazy_mmu_mode, hash_entry_xchg, hash_flush, hash_leave_lazy_mmu_mode,
} from '../flush/hash-flush.js'
import type { ProfileFacts } from '../profile.js'
import { ppc64Radix } from './ppc64-radix.js'

/** ppc64 with the hash MMU: hardware never walks Linux tables. `arch/powerpc/mm/book3s64/hash_tlb.c`. */
export const ppc64Hash: ProfileFacts = {
  ...ppc64Radix,
  name: 'ppc64-hash',
  title: 'ppc64 hash: hash PTEs go at the end of lazy MMU mode, a collapse sends IPIs, tables are freed by RCU',
  flush: hash_flush,
  entry_xchg: hash_entry_xchg,
  pmdp_collapse_flush: hash_collapse_flush,
  arch_enter_lazy_mmu_mode: hash_enter_lazy_mmu_mode,
  arch_leave_lazy_mmu_mode: hash_leave_lazy_mmu_mode,
  tlbNeedsTableInvalidate: false,
  hardwareAccessed: false,
  hardwareDirty: false,
  entryChangeFlushes: true,
  walkCaches: false,
  moveTables: false,
}
