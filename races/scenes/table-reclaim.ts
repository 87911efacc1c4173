import { REFCOUNT } from './vma-lookup.js'

/** Page tables that MADV_DONTNEED empties are given back, and what others do for that, as since 6.17. The same on every kernel. */
export const PT_RECLAIM = [
  ...REFCOUNT, '1d65b771bc08', '6fa1066fc5d0', 'pvmw-pmd-recheck', 'retract-pmd-recheck', 'pt-reclaim', 'f39edcf6349a', 'table-sync-rcu',
  'madvise-shared-gather', 'madvise-vma-lock', '366a4532d96f',
]

/** The same without some of them. */
export const without = (...ids: readonly string[]) => ({ apply: PT_RECLAIM.filter((id) => !ids.includes(id)), revert: ids })

/** PT_RECLAIM, and no flush waits for a walker that has interrupts off. */
export const reclaimsWithoutIpi = ['x86-pv', 'x86-invlpgb', 'arm64', 'arm64-sw-dirty', 's390', 'riscv64', 'riscv64-svrsw60t59b']

/** MMU_GATHER_MERGE_VMAS with locks of VMAs, but not s390, where no entry changes without its translations: the flush comes when the lock has been dropped. */
export const flushedAtEnd = ['x86-native', 'x86-pv', 'x86-pae', 'x86-invlpgb', 'ppc64-radix', 'loongarch64']
