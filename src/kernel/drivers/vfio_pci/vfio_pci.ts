import type { Cell, Memory } from '../../../engine/model/memory.js'
import { load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import type { Page } from '../../include/page.js'
import type { VmOperations } from '../../include/vm_operations.js'
import { applied } from '../../kernel.js'
import { down_read, down_write, up_read, up_write } from '../../locking/rwsem.js'
import { vmf_insert_pfn } from '../../mm/memory/insert_pfn.js'
import { unmap_mapping_pages } from '../../mm/memory/unmap_mapping_range.js'
import { exclusive_use, exclusive_use_ends } from '../exclusive_use.js'

/** include/linux/vfio_pci_core.h:struct vfio_pci_core_device: a device of which user space maps the BAR, of one page. */
export class VfioPciDevice {
  /** An rw_semaphore: faults and accesses take it for reading, who switches the memory on or off for writing. */
  readonly memory_lock: Cell
  /** PCI_COMMAND_MEMORY: without it an access is an error on the bus. */
  readonly enabled: Cell
  /** Set when the device is opened. */
  mapping: AddressSpace | undefined

  constructor(memory: Memory, readonly bar: Page) {
    this.memory_lock = memory.cell('vfio.memory_lock')
    this.enabled = memory.cell('vfio.enabled', 1)
  }
}

/** drivers/vfio/pci/vfio_pci_core.c:vfio_pci_mmap_fault */
function* vfio_pci_mmap_fault(vdev: VfioPciDevice, vmf: VmFault): Steps<number> {
  yield* down_read(vdev.memory_lock, 'down_read(&vdev->memory_lock)')
  const enabled = yield* load(vdev.enabled, { label: '__vfio_pci_memory_enabled(vdev)' })
  const early = applied('mutant-vfio-unlocks-early')
  if (early) yield* up_read(vdev.memory_lock, 'up_read(&vdev->memory_lock)')
  const result = enabled ? yield* vmf_insert_pfn(vmf.vma, vmf.address, vdev.bar.pfn) : VM_FAULT_SIGBUS
  if (!early) yield* up_read(vdev.memory_lock, 'up_read(&vdev->memory_lock)')
  return result
}

/** drivers/vfio/pci/vfio_pci_core.c:vfio_pci_mmap_ops */
export const vfio_pci_mmap_ops = (vdev: VfioPciDevice): VmOperations => ({ fault: (vmf) => vfio_pci_mmap_fault(vdev, vmf) })

/**
 * drivers/vfio/pci/vfio_pci_core.c:vfio_pci_zap_and_down_write_memory_lock, and the device is without memory for a reset. The
 * zap is one unmap_mapping_range(), as since 6.10; 6.1 goes through its VMAs itself.
 */
export function* vfio_pci_reset(vdev: VfioPciDevice): Steps {
  const { mapping } = vdev
  const early = applied('mutant-vfio-zaps-early')
  if (early && mapping) yield* unmap_mapping_pages(mapping, 0, 1, true)
  yield* down_write(vdev.memory_lock, 'down_write(&vdev->memory_lock)')
  if (!early && mapping) yield* unmap_mapping_pages(mapping, 0, 1, true)
  yield* store(vdev.enabled, 0, { label: 'PCI_COMMAND_MEMORY off' })
  yield* exclusive_use(vdev.bar)
  yield* exclusive_use_ends(vdev.bar)
  yield* store(vdev.enabled, 1, { label: 'PCI_COMMAND_MEMORY on' })
  yield* up_write(vdev.memory_lock, 'up_write(&vdev->memory_lock)')
}
