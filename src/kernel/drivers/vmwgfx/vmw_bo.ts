import type { Cell } from '../../../engine/model/memory.js'
import { TtmBufferObject } from '../ttm/ttm_bo.js'
import type { Page } from '../../include/page.js'
import type { Kernel } from '../../kernel.js'

/** enum vmw_bo_dirty_method: by dirty bits of page tables, or by write faults. */
export const VMW_BO_DIRTY_PAGETABLE = 0
export const VMW_BO_DIRTY_MKWRITE = 1

export interface VmwBoOptions {
  /** Default: VMW_BO_DIRTY_PAGETABLE, as for every object that is not huge. */
  readonly method?: number
  /** VMW_DIRTY_NUM_CHANGE_TRIGGERS: so many scans in a row must ask for the other method before the next one changes it. */
  readonly triggers: number
}

/** struct vmw_buffer_object with its struct vmw_bo_dirty: an object of one page of which a device has a copy. */
export class VmwBo {
  readonly base: TtmBufferObject
  /** The pages that the copy is behind of, a bit for each; and the range that they lie in, empty if start is not below end. */
  readonly bitmap: Cell
  readonly start: Cell
  readonly end: Cell
  readonly method: Cell
  readonly change_count: Cell
  readonly triggers: number
  /** What the device has: nothing but zeroes, as in a new page. */
  readonly device: Cell

  constructor(kernel: Kernel, readonly page: Page, { method = VMW_BO_DIRTY_PAGETABLE, triggers }: VmwBoOptions) {
    const name = `object${page.pfn}`
    this.base = new TtmBufferObject(kernel, name, page, 0)
    this.bitmap = kernel.cells.cell(`${name}.dirty_bitmap`)
    this.start = kernel.cells.cell(`${name}.dirty_start`, VMW_BO_PAGES)
    this.end = kernel.cells.cell(`${name}.dirty_end`)
    this.method = kernel.cells.cell(`${name}.dirty_method`, method)
    this.change_count = kernel.cells.cell(`${name}.change_count`)
    this.triggers = triggers
    this.device = kernel.cells.cell(`${name}.device`)
  }
}

/** bitmap_size. */
export const VMW_BO_PAGES = 1
