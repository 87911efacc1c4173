import type { Cell, Memory } from '../../../engine/model/memory.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Page } from '../../include/page.js'
import type { VfioPciDmaBuf } from './vfio_pci_dma_buf.js'

/** include/linux/vfio_pci_core.h:struct vfio_pci_core_device: a device of which user space maps the BAR, of one page. */
export class VfioPciDevice {
  /** An rw_semaphore: faults and accesses take it for reading, who switches the memory on or off for writing. */
  readonly memory_lock: Cell
  /** PCI_COMMAND_MEMORY: without it an access is an error on the bus. */
  readonly enabled: Cell
  /** A mutex, inside the mmap_lock and outside memory_lock. */
  readonly vma_lock: Cell
  /** The VMAs that have been mapped since the last zap, as a mask of their indices. Until 6.10. */
  readonly vma_list: Cell
  /** vdev->dmabufs: buffers that are its BAR. Set when they are exported, before anything runs. */
  readonly dmabufs: VfioPciDmaBuf[] = []
  /** Set when the device is opened. */
  mapping: AddressSpace | undefined

  constructor(memory: Memory, readonly bar: Page) {
    this.memory_lock = memory.quiet('vfio.memory_lock')
    this.enabled = memory.cell('vfio.enabled', 1)
    this.vma_lock = memory.quiet('vfio.vma_lock')
    this.vma_list = memory.cell('vfio.vma_list')
  }
}
