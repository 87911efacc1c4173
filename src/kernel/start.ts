import { flush_with_cpus } from './drivers/iommu_sva/flush_with_cpus.js'
import type { Kernel } from './kernel.js'
import { __mmput } from './mm/fork/mmput.js'
import { give_pages_rcu_heads } from './mm/swap/free_pages_rcu.js'

/** What is laid out learns which functions it is to call. Once, when all is there (layout.ts). */
export function start(kernel: Kernel): void {
  const { asyncPuts, changes, machine, mms, svas } = kernel
  if (svas.length > 0 && changes.ids.has('6bbd42e2df8f') && !changes.ids.has('mutant-flush-cpus-only')) machine.afterFlush = flush_with_cpus
  machine.rangeFlushForTables = changes.ids.has('3ef938c35035')
  for (const [i, work] of asyncPuts.entries()) work.func = () => __mmput(mms.objects[i]!)
  give_pages_rcu_heads(kernel)
}
