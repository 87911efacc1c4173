import type { ProfileFacts } from '../profile.js'
import { riscv64 } from './riscv64.js'

/** Bits 59 and 60 of an entry are software's with Svrsw60t59b: `arch/riscv/include/asm/pgtable.h:pgtable_supports_soft_dirty`, `_uffd_wp`. */
export const riscv64Svrsw60t59b: ProfileFacts = {
  ...riscv64,
  name: 'riscv64-svrsw60t59b',
  title: 'riscv64 with Svrsw60t59b: as riscv64, and entries have bits for soft-dirty and userfaultfd write protection',
  since: { kernel: '7.2', by: 'RISCV_ISA_SVRSW60T59B' },
  softDirty: true,
  userfaultfdWp: true,
}
