import { byKernel } from '../kernels.js'
import type { ProfileFacts } from '../profile.js'
import { base } from './base.js'

/** loongarch64, whose TLB software fills (no PTW). `arch/loongarch/Kconfig`, `arch/loongarch/kernel/smp.c:flush_tlb_mm`. */
export const loongarch64: ProfileFacts = {
  ...base,
  name: 'loongarch64',
  title: 'loongarch64: a flush sends IPIs and waits, software fills the TLB',
  tableFreeing: byKernel({ '6.1': 'pages', '7.2': 'rcu' }),
  mergeVmas: true,
  ptReclaim: byKernel({ '6.1': false, '7.2': true }),
  perVmaLock: byKernel({ '6.1': false, '7.2': true }),
  pteSpecial: true,
  fastGup: true,
  pteDevmap: byKernel({ '6.1': false, '6.12': true }),
  thp: true,
  thpMigration: true,
  thpSwap: byKernel({ '6.1': false, '6.12': true }),
  numaBalancing: true,
  accessibleWhileFlushPending: true,
}
