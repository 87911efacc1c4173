import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { VM_FAULT_NOPAGE, VM_FAULT_SIGBUS, type VmFault } from '../../include/fault.js'
import type { VmOperations } from '../../include/vm_operations.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { down_read, up_read } from '../../locking/rwsem.js'
import { vmf_insert_pfn } from '../../mm/memory/insert_pfn.js'
import { remap_pfn_range } from '../../mm/memory/remap_pfn_range.js'
import type { VfioPciDevice } from './vfio_pci_device.js'

const bit = (vma: Vma): number => 1 << (vma.ref - 1)

const is_listed = (vdev: VfioPciDevice, vma: Vma): Step<boolean> =>
  atomic('list_for_each_entry(vma_list)', (m) => (m.get(vdev.vma_list) & bit(vma)) !== 0)

/** drivers/vfio/pci/vfio_pci_core.c:__vfio_pci_add_vma */
export const __vfio_pci_add_vma = (vdev: VfioPciDevice, vma: Vma): Step<void> =>
  atomic('list_add(vma, vma_list)', (m) => m.set(vdev.vma_list, m.get(vdev.vma_list) | bit(vma)))

export const vfio_pci_del_vma = (vdev: VfioPciDevice, vma: Vma): Step<void> =>
  atomic('list_del(vma)', (m) => m.set(vdev.vma_list, m.get(vdev.vma_list) & ~bit(vma)))

const unlock_memory = (vdev: VfioPciDevice): Step => up_read(vdev.memory_lock, 'up_read(&vdev->memory_lock)')

/** All of the VMA at once; one that is listed has been mapped already. */
function* map_bar(vdev: VfioPciDevice, vma: Vma): Steps<number> {
  if (yield* is_listed(vdev, vma)) return VM_FAULT_NOPAGE
  const early = has('mutant-vfio-unlocks-early')
  if (early) yield* unlock(vdev)
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const nr = (yield* load(vma.vm_end, { label: 'vma->vm_end' })) - start
  const error = yield* remap_pfn_range(vma, start, vdev.bar.pfn, nr)
  if (!error) yield* __vfio_pci_add_vma(vdev, vma)
  return error ? VM_FAULT_SIGBUS : VM_FAULT_NOPAGE
}

function* unlock(vdev: VfioPciDevice): Steps {
  yield* unlock_memory(vdev)
  yield* mutex_unlock(vdev.vma_lock, 'mutex_unlock(&vdev->vma_lock)')
}

/** drivers/vfio/pci/vfio_pci_core.c:vfio_pci_mmap_fault */
export function* vfio_pci_mmap_fault(vdev: VfioPciDevice, { vma }: VmFault): Steps<number> {
  yield* mutex_lock(vdev.vma_lock, 'mutex_lock(&vdev->vma_lock)')
  yield* down_read(vdev.memory_lock, 'down_read(&vdev->memory_lock)')
  const enabled = yield* load(vdev.enabled, { label: '__vfio_pci_memory_enabled(vdev)' })
  const result = enabled ? yield* map_bar(vdev, vma) : VM_FAULT_SIGBUS
  if (!enabled || !has('mutant-vfio-unlocks-early')) yield* unlock(vdev)
  return result
}

/** The same since 6.10: one page, and no list. */
function* vfio_pci_mmap_page_fault(vdev: VfioPciDevice, { vma, address }: VmFault): Steps<number> {
  const early = has('mutant-vfio-unlocks-early')
  yield* down_read(vdev.memory_lock, 'down_read(&vdev->memory_lock)')
  const enabled = yield* load(vdev.enabled, { label: '__vfio_pci_memory_enabled(vdev)' })
  if (early) yield* unlock_memory(vdev)
  const result = enabled ? yield* vmf_insert_pfn(vma, address, vdev.bar.pfn) : VM_FAULT_SIGBUS
  if (!early) yield* unlock_memory(vdev)
  return result
}

/** vfio_pci_mmap_close */
function* vfio_pci_mmap_close(vdev: VfioPciDevice, vma: Vma): Steps {
  yield* mutex_lock(vdev.vma_lock, 'mutex_lock(&vdev->vma_lock)')
  yield* vfio_pci_del_vma(vdev, vma)
  yield* mutex_unlock(vdev.vma_lock, 'mutex_unlock(&vdev->vma_lock)')
}

/** drivers/vfio/pci/vfio_pci_core.c:vfio_pci_mmap_ops */
export const vfio_pci_mmap_ops = (vdev: VfioPciDevice): VmOperations => has('aac6db75a9fc')
  ? { fault: (vmf) => vfio_pci_mmap_page_fault(vdev, vmf) }
  : { fault: (vmf) => vfio_pci_mmap_fault(vdev, vmf), close: (vma) => vfio_pci_mmap_close(vdev, vma) }
