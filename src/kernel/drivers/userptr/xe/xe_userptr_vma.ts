import type { Cell } from '../../../../engine/model/memory.js'
import { DmaResv } from '../../../include/dma_resv.js'
import { format_word } from '../../../include/format_word.js'
import type { Mm } from '../../../include/mm.js'
import { MmuIntervalNotifier } from '../../../include/mmu_notifier.js'
import type { Kernel } from '../../../kernel.js'
import type { DmaMapping } from '../../dma_mapping.js'

/**
 * drivers/gpu/drm/xe/xe_userptr.h:struct xe_userptr_vma in a VM in fault mode, on a GPU of one tile: what its GPU does needs no
 * fence, only what is in the GPU's tables. These lead to addresses that the IOMMU translates, or that are the memory's own.
 */
export class XeUserptrVma {
  readonly notifier: MmuIntervalNotifier
  /** vm->resv: in fault mode it has fences of binds only. */
  readonly resv: DmaResv
  /** vm->svm.gpusvm.notifier_lock, an rw_semaphore. */
  readonly notifier_lock: Cell
  /** userptr->pages.notifier_seq. */
  readonly notifier_seq: Cell
  /** pages->flags.has_dma_mapping */
  readonly has_dma_mapping: Cell
  readonly tile_invalidated: Cell
  /** userptr->finish is on its way: an invalidation has begun and not ended. */
  readonly finish_inuse: Cell
  readonly tlb_inval_submitted: Cell
  /** By page: the entry of the GPU's tables, and what its TLB has of it. pfn plus one. */
  readonly gpu_ptes: readonly Cell[]
  readonly gpu_tlb: readonly Cell[]
  /** By page: what drm_gpusvm_get_pages() has mapped. */
  readonly dma: readonly DmaMapping[]

  constructor(kernel: Kernel, readonly mm: Mm, pages: number) {
    const { cells, geometry, mmuNotifiers } = kernel
    const cell = (field: string): Cell => cells.cell(`xe_vma.${field}`)
    const cellPerPage = (field: string): readonly Cell[] => cells.cells(`xe_vma.${field}`, pages)
    this.notifier = new MmuIntervalNotifier(cells, 'xe_vma.notifier')
    this.resv = new DmaResv(kernel, 'xe_vma', geometry.fences)
    this.notifier_lock = cell('notifier_lock')
    this.notifier_seq = cells.cell('xe_vma.notifier_seq', 0, { keeps: true })
    this.has_dma_mapping = cell('has_dma_mapping')
    this.tile_invalidated = cell('tile_invalidated')
    this.finish_inuse = cell('finish_inuse')
    this.tlb_inval_submitted = cell('tlb_inval_submitted')
    this.gpu_ptes = cellPerPage('gpu_pte')
    this.gpu_tlb = cellPerPage('gpu_tlb')
    this.dma = Array.from({ length: pages }, (_, address) => ({ mm, address, iommu_pte: cells.cell(`xe_vma.iommu_pte[${address}]`, 0, { format: format_word }) }))
    kernel.dmaMappings.push(...this.dma)
    mmuNotifiers.addInterval(this.notifier)
  }
}
