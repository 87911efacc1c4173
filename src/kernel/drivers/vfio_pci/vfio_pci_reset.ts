import { atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { has, kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { unmap_mapping_pages } from '../../mm/memory/unmap_mapping_range.js'
import { zap_vma_ptes } from '../../mm/memory/zap_vma_ptes.js'
import { exclusive_use, exclusive_use_ends } from '../exclusive_use.js'
import type { VfioPciDevice } from './vfio_pci_device.js'
import { vfio_pci_dma_buf_move } from './vfio_pci_dma_buf_move.js'
import { vfio_pci_del_vma } from './vfio_pci_mmap_ops.js'

const lock_vmas = (vdev: VfioPciDevice) => mutex_lock(vdev.vma_lock, 'mutex_lock(&vdev->vma_lock)')
const unlock_vmas = (vdev: VfioPciDevice) => mutex_unlock(vdev.vma_lock, 'mutex_unlock(&vdev->vma_lock)')
const lock_memory = (vdev: VfioPciDevice) => down_write(vdev.memory_lock, 'down_write(&vdev->memory_lock)')

/** The address space of the first VMA in the list. */
const first_mm = (vdev: VfioPciDevice): Step<Mm | undefined> =>
  atomic('mm = list_first_entry(vma_list)->vm_mm', (m) => {
    const vma = kernel().vmas.objects.find(({ ref }) => m.get(vdev.vma_list) & (1 << (ref - 1)))
    return vma && kernel().mms.deref(m.get(vma.vm_mm))
  })

/** What the list has of one address space, whose mmap_lock and vma_lock are held. */
function* zap_mm(vdev: VfioPciDevice, mm: Mm): Steps {
  const listed = yield* load(vdev.vma_list, { label: 'list_for_each_entry_safe(vma_list)' })
  for (const vma of kernel().vmas.objects.filter(({ ref }) => listed & (1 << (ref - 1)))) {
    if ((yield* load(vma.vm_mm, { label: 'vma->vm_mm' })) !== mm.ref) continue
    yield* vfio_pci_del_vma(vdev, vma)
    yield* zap_vma_ptes(mm, vma)
  }
}

/**
 * drivers/vfio/pci/vfio_pci_core.c:vfio_pci_zap_and_vma_lock. The list names the address spaces under vma_lock, inside of which the
 * mmap_lock cannot be taken; so it is dropped and taken again, until the list is empty. Returns with vma_lock held.
 */
export function* vfio_pci_zap_and_vma_lock(vdev: VfioPciDevice): Steps {
  for (;;) {
    yield* lock_vmas(vdev)
    const mm = yield* first_mm(vdev)
    if (!mm) return
    yield* unlock_vmas(vdev)
    yield* mmap_read_lock(mm)
    yield* lock_vmas(vdev)
    yield* zap_mm(vdev, mm)
    yield* unlock_vmas(vdev)
    yield* mmap_read_unlock(mm)
  }
}

/** vfio_pci_zap_and_down_write_memory_lock: nobody maps the BAR, and no fault maps it again. */
function* zap_and_down_write_memory_lock(vdev: VfioPciDevice): Steps {
  const { mapping } = vdev
  const early = has('mutant-vfio-zaps-early')
  const outside = has('mutant-vfio-memory-lock-outside')
  if (has('aac6db75a9fc')) {
    if (!early) yield* lock_memory(vdev)
    if (mapping) yield* unmap_mapping_pages(mapping, 0, 1, true)
    if (early) yield* lock_memory(vdev)
    return
  }
  if (outside) yield* lock_memory(vdev)
  yield* vfio_pci_zap_and_vma_lock(vdev)
  if (early) yield* unlock_vmas(vdev)
  if (!outside) yield* lock_memory(vdev)
  if (!early) yield* unlock_vmas(vdev)
}

/**
 * A reset: the device is without memory meanwhile. The list of VMAs went in 6.10 (aac6db75a9fc). What of its memory is lent to other
 * devices (7.3) is taken back between the zap and the reset.
 */
export function* vfio_pci_reset(vdev: VfioPciDevice): Steps {
  yield* zap_and_down_write_memory_lock(vdev)
  yield* vfio_pci_dma_buf_move(vdev, true)
  yield* store(vdev.enabled, 0, { label: 'PCI_COMMAND_MEMORY off' })
  yield* exclusive_use(vdev.bar)
  yield* exclusive_use_ends(vdev.bar)
  yield* store(vdev.enabled, 1, { label: 'PCI_COMMAND_MEMORY on' })
  yield* vfio_pci_dma_buf_move(vdev, false)
  yield* up_write(vdev.memory_lock, 'up_write(&vdev->memory_lock)')
}
