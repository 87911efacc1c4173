import type { Steps } from '../../../engine/model/step.js'
import { VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { kernel } from '../../kernel.js'
import { down_read, up_read } from '../../locking/rwsem.js'
import { dax_iomap_fault } from './dax_iomap_fault.js'
import type { DaxInode } from './dax_inode.js'

/** fs/ext4/file.c:ext4_dax_huge_fault. Without devmap entries there is no ZONE_DEVICE memory. */
export function* ext4_dax_huge_fault(inode: DaxInode, vmf: VmFault, huge: boolean): Steps<number> {
  const { mapping } = inode
  if (!mapping || !kernel().profile.pteDevmap) return VM_FAULT_SIGBUS
  yield* down_read(inode.invalidate_lock, 'filemap_invalidate_lock_shared()')
  const result = yield* dax_iomap_fault(inode, mapping, vmf, huge)
  yield* up_read(inode.invalidate_lock, 'filemap_invalidate_unlock_shared()')
  return result
}

/** fs/ext4/file.c:ext4_dax_vm_ops */
export const ext4_dax_vm_ops = (inode: DaxInode): VmOperations => ({
  fault: (vmf) => ext4_dax_huge_fault(inode, vmf, false),
  huge_fault: (vmf) => ext4_dax_huge_fault(inode, vmf, true),
  pfn_mkwrite: (vmf) => ext4_dax_huge_fault(inode, vmf, false),
  dax: true,
})
