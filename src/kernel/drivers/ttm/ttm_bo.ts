import type { Cell } from '../../../engine/model/memory.js'
import type { AddressSpace } from '../../include/address_space.js'
import { DmaResv } from '../../include/dma_resv.js'
import type { Page } from '../../include/page.js'
import type { Kernel } from '../../kernel.js'

/** include/drm/ttm/ttm_bo_api.h:struct ttm_buffer_object: memory that user space maps: one huge page, or a run of frames. */
export class TtmBufferObject {
  /** bo->base.resv. */
  readonly resv: DmaResv
  /** What backs the object now: the pfn of its first page. */
  readonly pages: Cell
  /** The copy that the GPU has been told to make: the pfns of its pages, 0 if none. */
  readonly copy_from: Cell
  readonly copy_to: Cell
  /** The fences, 1 << ref each, that the copy comes after; and a job that writes to the object, if there is one, with its page. */
  readonly copy_after: Cell
  readonly job_after: Cell
  readonly job_page: Cell
  /** The object's part of the device file. Set when that is opened. */
  mapping: AddressSpace | undefined

  /** `fences`: how many may be in its reservation. `num_pages`: 1 also for a huge page. */
  constructor(kernel: Kernel, name: string, page: Page, fences: number, readonly num_pages = 1) {
    const cell = (field: string, initial = 0): Cell => kernel.cells.cell(`${name}.${field}`, initial)
    this.resv = new DmaResv(kernel, name, fences)
    this.pages = cell('pages', page.pfn)
    this.copy_from = cell('copy_from')
    this.copy_to = cell('copy_to')
    this.copy_after = cell('copy_after')
    this.job_after = cell('job_after')
    this.job_page = cell('job_page')
  }
}
