import { load_tables } from '../switch-mm.js'
import type { ProfileFacts } from '../profile.js'
import { broadcast_tlb_flush, invlpgbBatch } from '../x86/invlpgb.js'
import { x86Native } from './x86-native.js'

/** x86-64 on a CPU with INVLPGB, for address spaces that have a global ASID. `arch/x86/mm/tlb.c`. */
export const x86Invlpgb: ProfileFacts = {
  ...x86Native,
  name: 'x86-invlpgb',
  title: 'x86-64 with INVLPGB: invalidations are broadcast and wait for no CPU, tables are freed by RCU',
  since: { kernel: '7.2', by: 'BROADCAST_TLB_FLUSH' },
  flush: broadcast_tlb_flush,
  // A global ASID keeps what it has over a context switch, and needs no generation: broadcasts reach it anywhere.
  switch_mm_irqs_off: load_tables,
  tableFreeing: 'rcu',
  batchedUnmapFlush: invlpgbBatch,
}
