import type { Steps } from '../../../engine/model/step.js'
import { kernel } from '../../kernel.js'
import { smp_call_function_sync } from '../../../machine/ipi.js'

/**
 * mm/mmu_gather.c:tlb_remove_table_sync_one. Waits until every other CPU has had interrupts on once: not a grace period.
 * Nothing where table freeing waits for the IPIs of the flush anyway.
 */
export function* tlb_remove_table_sync_one(): Steps {
  if (kernel().profile.tableFreeing === 'rcu') yield* smp_call_function_sync()
}
