import { has, kernel } from '../../kernel.js'

/** How page tables are freed: see the profile. Before 9e52fc2b50de x86 under a hypervisor freed them as without one. */
export const table_freeing = (): 'pages' | 'rcu' => {
  const { tableFreeing, tableFreeingAtFirst = tableFreeing } = kernel().profile
  return !has('9e52fc2b50de') ? tableFreeingAtFirst : tableFreeing
}
