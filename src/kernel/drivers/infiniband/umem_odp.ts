import type { Cell } from '../../../engine/model/memory.js'
import { format_word } from '../../include/format_word.js'
import type { Mm } from '../../include/mm.js'
import { MmuIntervalNotifier } from '../../include/mmu_notifier.js'
import type { Kernel } from '../../kernel.js'
import { type Allocated, allocated } from '../allocation.js'
import type { DmaMapping } from '../dma_mapping.js'

/**
 * include/rdma/ib_umem_odp.h:struct ib_umem_odp of one page, and the memory region of mlx5 that it is for: what the device reaches by
 * its own table (MTT), whose entry is an address that the IOMMU translates.
 */
export class IbUmemOdp implements DmaMapping {
  readonly notifier: MmuIntervalNotifier
  readonly umem_mutex: Cell
  /** map.pfn_list[0]: what hmm_range_fault() says, and since 7.3 whether it is mapped for DMA. */
  readonly pfn_list: Cell
  /** Until 7.3, dma_list[0]: the address that the device has, 0 for none. */
  readonly dma_list: Cell
  readonly iommu_pte: Cell
  readonly mtt: Cell
  /** umem_odp->private: 1 where it leads to the region. */
  readonly private: Cell
  /** The key of the region, in the device: it is freed when the region goes. */
  readonly mkey: Allocated<'xlt'>

  constructor(kernel: Kernel, readonly mm: Mm, readonly address: number) {
    const cell = (field: string): Cell => kernel.cells.cell(`umem_odp.${field}`)
    this.notifier = new MmuIntervalNotifier(kernel.cells, 'umem_odp.notifier')
    this.umem_mutex = cell('umem_mutex')
    this.pfn_list = cell('pfn_list[0]')
    this.dma_list = cell('dma_list[0]')
    this.iommu_pte = kernel.cells.cell('umem_odp.iommu_pte', 0, { format: format_word })
    this.mtt = cell('mtt[0]')
    this.private = kernel.cells.cell('umem_odp.private', 1)
    this.mkey = allocated(kernel, 'mkey', { xlt: 0 }, true)
    kernel.dmaMappings.push(this)
    kernel.mmuNotifiers.addInterval(this.notifier)
  }
}
