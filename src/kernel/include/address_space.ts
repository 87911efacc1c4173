import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Steps } from '../../engine/model/step.js'
import type { Pooled } from '../pool.js'
import { ResvMap } from './resv_map.js'
import type { Vma } from './vma.js'
import type { VmOperations } from './vm_operations.js'

/** struct address_space and its inode. `i_pages` holds pfns plus one; `i_mmap` points to the first VMA, linked by `vma.i_mmap`. */
export class AddressSpace implements Pooled {
  readonly i_mmap_rwsem: Cell
  readonly i_mmap: Cell
  readonly i_pages: readonly Cell[]
  /** Of a device file: what its driver does. Set when it is opened, before anything runs. */
  vm_ops: VmOperations | undefined
  /** file->f_op->mmap of a device file. An error number: there is no mapping. */
  mmap: ((vma: Vma) => Steps<number | void>) | undefined
  /** Of a DAX file, by index: what its entries say beside the frame (fs/dax/dax_entry.ts). Set when it is made. */
  dax_entries: readonly Cell[] = []
  readonly nrpages: Cell
  /** References: VMAs that map it and open files. */
  readonly f_count: Cell
  /** Pages. */
  readonly i_size: Cell
  readonly i_rwsem: Cell
  /** Of hugetlbfs: its part of hugetlb_fault_mutex_table, by huge page. */
  readonly hugetlb_fault_mutex: readonly Cell[]
  /** Of hugetlbfs: for which of its pages huge pages are set aside. */
  readonly resv_map: ResvMap | undefined

  constructor(memory: Memory, readonly ref: number, readonly next: Cell, pages: number, hugetlb: boolean) {
    const name = `file${ref - 1}`
    this.i_mmap_rwsem = memory.quiet(`${name}.i_mmap_rwsem`)
    this.i_mmap = memory.cell(`${name}.i_mmap`)
    this.nrpages = memory.cell(`${name}.nrpages`)
    this.f_count = memory.cell(`${name}.f_count`)
    this.i_size = memory.cell(`${name}.i_size`)
    this.i_rwsem = memory.quiet(`${name}.i_rwsem`)
    this.hugetlb_fault_mutex = memory.cells(`${name}.hugetlb_fault_mutex`, hugetlb ? pages : 0)
    this.resv_map = hugetlb ? new ResvMap(memory, `${name}.resv_map`, 0, next) : undefined
    this.i_pages = memory.cells(`${name}.i_pages`, pages)
  }
}
