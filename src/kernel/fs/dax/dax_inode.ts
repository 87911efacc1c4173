import type { Cell, Memory } from '../../../engine/model/memory.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Page } from '../../include/page.js'

/** A file of a filesystem on memory that the CPU maps (fsdax): its blocks are the pages of a device. */
export class DaxInode {
  /** mapping->invalidate_lock, an rw_semaphore: faults take it for reading, truncate for writing. */
  readonly invalidate_lock: Cell
  /** The file's mapping. Set when it is opened. Its i_pages are filled by faults. */
  mapping: AddressSpace | undefined

  /** `blocks`: by index in the file. `huge`: in extents that huge entries can map. */
  constructor(memory: Memory, readonly blocks: readonly Page[], readonly huge: boolean) {
    this.invalidate_lock = memory.quiet('dax_inode.invalidate_lock')
  }
}
