import { has, kernel } from '../../kernel.js'
import { pt_reclaim } from '../memory/zap_empty_pte_table.js'

/** How page tables are freed: see the profile. Before 9e52fc2b50de x86 under a hypervisor freed them as without one. */
export const table_freeing = (): 'pages' | 'rcu' => {
  // It selects MMU_GATHER_RCU_TABLE_FREE, and later depends on it.
  if (pt_reclaim()) return 'rcu'
  const { tableFreeing, tableFreeingAtFirst = tableFreeing } = kernel().profile
  return !has('9e52fc2b50de') ? tableFreeingAtFirst : tableFreeing
}
