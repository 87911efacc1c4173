import type { Cell, Memory } from '../../../engine/model/memory.js'
import type { AddressSpace } from '../../include/address_space.js'

/** struct vmw_buffer_object and its struct vmw_bo_dirty: a file whose pages a device has copies of. */
export class VmwBo {
  /** The reservation (struct dma_resv), as a lock. */
  readonly resv: Cell
  /** The pages that the device's copy is behind of, a bit for each. */
  readonly bitmap: Cell
  /** What the device has of each page. */
  readonly device: readonly Cell[]
  /** Set at set-up. */
  mapping: AddressSpace | undefined

  constructor(memory: Memory, index: number, pages: number) {
    this.resv = memory.cell(`bo${index}.resv_lock`)
    this.bitmap = memory.cell(`bo${index}.dirty_bitmap`)
    this.device = memory.cells(`bo${index}.device`, pages)
  }
}
