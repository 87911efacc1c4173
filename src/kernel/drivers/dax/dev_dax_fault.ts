import { load, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_WRITE, VM_FAULT_FALLBACK, VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { kernel } from '../../kernel.js'
import { srcu_read_lock, srcu_read_unlock } from '../../locking/srcu.js'
import { vmf_insert_pfn_pmd } from '../../mm/huge_memory/vmf_insert_pfn_pmd.js'
import { linear_page_index } from '../../mm/linear_page_index.js'
import { vmf_insert_mixed } from '../../mm/memory/vmf_insert_mixed.js'
import type { DevDax } from './dev_dax.js'

/** drivers/dax/device.c:__dev_dax_pte_fault and __dev_dax_pmd_fault. Without devmap entries there is no ZONE_DEVICE memory. */
function* __dev_dax_fault(dev_dax: DevDax, vmf: VmFault, size: number): Steps<number> {
  if (!(yield* load(dev_dax.alive, { label: 'dax_alive(dax_dev)' })) || !kernel().profile.pteDevmap) return VM_FAULT_SIGBUS
  if (size < dev_dax.align) return VM_FAULT_SIGBUS
  if (size > dev_dax.align) return VM_FAULT_FALLBACK
  const start = vmf.address - (vmf.address % size)
  const page = dev_dax.pgmap.pages[yield* linear_page_index(vmf.vma, start)]
  if (!page) return VM_FAULT_SIGBUS
  if (size === 1) return yield* vmf_insert_mixed(vmf.vma, start, page.pfn, { devmap: true, write: false })
  return yield* vmf_insert_pfn_pmd(vmf, page.pfn, { devmap: true, write: (vmf.flags & FAULT_FLAG_WRITE) !== 0 })
}

/** drivers/dax/device.c:dev_dax_huge_fault. Under SRCU, so that who takes the device down can wait for it. */
export function* dev_dax_huge_fault(dev_dax: DevDax, vmf: VmFault, size: number): Steps<number> {
  const id = yield* srcu_read_lock(dev_dax.dax_srcu)
  const result = yield* __dev_dax_fault(dev_dax, vmf, size)
  yield* srcu_read_unlock(dev_dax.dax_srcu, id)
  return result
}

/** drivers/dax/device.c:dax_vm_ops */
export const dax_vm_ops = (dev_dax: DevDax): VmOperations => ({
  fault: (vmf) => dev_dax_huge_fault(dev_dax, vmf, 1),
  huge_fault: (vmf) => dev_dax_huge_fault(dev_dax, vmf, kernel().geometry.ptrsPerPte),
  dax: true,
})
