import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Pooled } from '../pool.js'
import type { VmOperations } from './vm_operations.js'

/** struct address_space and its inode. `i_pages` holds pfns plus one; `i_mmap` points to the first VMA, linked by `vma.i_mmap`. */
export class AddressSpace implements Pooled {
  readonly i_mmap_rwsem: Cell
  readonly i_mmap: Cell
  readonly i_pages: readonly Cell[]
  /** Of a device file: what its driver does. Set when it is opened, before anything runs. */
  vm_ops: VmOperations | undefined
  readonly nrpages: Cell
  /** References: VMAs that map it and open files. */
  readonly f_count: Cell
  /** Pages. */
  readonly i_size: Cell
  /** Of hugetlbfs: its part of hugetlb_fault_mutex_table. */
  readonly hugetlb_fault_mutex: Cell

  constructor(memory: Memory, readonly ref: number, readonly next: Cell, pages: number) {
    const name = `file${ref - 1}`
    this.i_mmap_rwsem = memory.cell(`${name}.i_mmap_rwsem`)
    this.i_mmap = memory.cell(`${name}.i_mmap`)
    this.nrpages = memory.cell(`${name}.nrpages`)
    this.f_count = memory.cell(`${name}.f_count`)
    this.i_size = memory.cell(`${name}.i_size`)
    this.hugetlb_fault_mutex = memory.cell(`${name}.hugetlb_fault_mutex`)
    this.i_pages = memory.cells(`${name}.i_pages`, pages)
  }
}
