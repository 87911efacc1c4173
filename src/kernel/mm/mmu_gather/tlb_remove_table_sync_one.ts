import type { Steps } from '../../../engine/model/step.js'
import { smp_call_function_sync } from '../../../machine/ipi.js'
import { table_freeing } from './table_freeing.js'

/**
 * mm/mmu_gather.c:tlb_remove_table_sync_one. Waits until every other CPU has had interrupts on once: not a grace period.
 * Nothing where table freeing waits for the IPIs of the flush anyway.
 */
export function* tlb_remove_table_sync_one(): Steps {
  if (table_freeing() === 'rcu') yield* smp_call_function_sync()
}
