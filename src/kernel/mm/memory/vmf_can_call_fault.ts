import type { Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_VMA_LOCK, VM_FAULT_RETRY, type VmFault } from '../../include/fault.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { vma_end_read } from '../mmap_lock/vma_end_read.js'

/** mm/memory.c:vmf_can_call_fault. A driver's handler expects the mmap_lock. VM_FAULT_RETRY, and the VMA unlocked: with that the fault is tried again. */
export function* vmf_can_call_fault(vmf: VmFault, vm_ops: VmOperations | undefined): Steps<number> {
  if (!vm_ops || !(vmf.flags & FAULT_FLAG_VMA_LOCK)) return 0
  yield* vma_end_read(vmf.vma)
  return VM_FAULT_RETRY
}
