import type { Steps } from '../../../engine/model/step.js'
import { call_rcu } from '../../../machine/rcu.js'
import type { PageTable } from '../../include/page_table.js'
import { has, kernel } from '../../kernel.js'
import { pte_free } from '../pgtable.js'
import { table_freeing } from './table_freeing.js'

/** mm/mmu_gather.c:tlb_table_flush of one table: freed at once after the flush, or after a grace period. */
export function* tlb_remove_table(table: PageTable): Steps {
  if (table_freeing() === 'rcu' && !has('mutant-no-grace-period')) yield* call_rcu(kernel().rcuHead(table))
  else yield* pte_free(table)
}
