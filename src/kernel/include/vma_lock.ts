import type { Cell, Memory } from '../../engine/model/memory.js'

/** In vm_refcnt: a writer waits for those who read, and lets no new ones in. */
export const VM_REFCNT_EXCLUDE_READERS_FLAG = 0x100

const format_refcnt = (value: number): string => {
  const readers = Math.max((value & ~VM_REFCNT_EXCLUDE_READERS_FLAG) - 1, 0)
  return value === 0 ? 'detached' : `attached, ${readers} readers${value & VM_REFCNT_EXCLUDE_READERS_FLAG ? ', excluded' : ''}`
}

/** Of a struct vm_area_struct: who may use it without the mmap_lock. */
export class VmaLock {
  /**
   * 1: vm_lock_seq is mm_lock_seq, which says that the VMA is locked for writing. All that are end being so when the mmap_lock is dropped
   * or downgraded and the number of the mm moves on. A number of an earlier time is like none.
   */
  readonly vm_lock_seq: Cell
  /** Since 6.15: 0 for a VMA that is in no tree, 1 for one that is, and one more for each reader. */
  readonly vm_refcnt: Cell
  /** Until then, a rw_semaphore; and whether the VMA is out of the tree. */
  readonly vm_lock: Cell
  readonly detached: Cell

  constructor(memory: Memory, name: string) {
    this.vm_lock_seq = memory.cell(`${name}.vm_lock_seq`, 0, { format: (value) => (value ? 'mm_lock_seq' : 'an old one') })
    this.vm_refcnt = memory.cell(`${name}.vm_refcnt`, 0, { format: format_refcnt })
    this.vm_lock = memory.cell(`${name}.vm_lock`)
    this.detached = memory.cell(`${name}.detached`, 1)
  }
}
