import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Pooled } from '../pool.js'
import { format_vm_flags } from './vm_flags.js'
import { VmaLock } from './vma_lock.js'

/**
 * struct vm_area_struct. Addresses are page numbers: `vm_start` up to, not with, `vm_end`.
 * `next` links the list of the mm (the kernel has a maple tree), `i_mmap` the list of the file.
 */
export class Vma implements Pooled {
  readonly vm_start: Cell
  readonly vm_end: Cell
  readonly vm_mm: Cell
  readonly vm_flags: Cell
  /** Low bits of a page-table entry. */
  readonly vm_page_prot: Cell
  readonly vm_pgoff: Cell
  readonly anon_vma: Cell
  /** First anon_vma_chain, linked by `same_vma`. */
  readonly anon_vma_chain: Cell
  /** The file (an address space); 0 for an anonymous private mapping. */
  readonly vm_file: Cell
  readonly i_mmap: Cell
  readonly vm_next: Cell
  /**
   * Of hugetlbfs. Of a shared mapping its lock (struct hugetlb_vma_lock), without which no table is shared; of a private one its
   * reservation map times four, and HPAGE_RESV flags.
   */
  readonly vm_private_data: Cell
  /** Only where faults can do without the mmap_lock. */
  readonly lock?: VmaLock

  constructor(memory: Memory, readonly ref: number, readonly next: Cell, locked: boolean) {
    const cell = (field: string, format?: (value: number) => string): Cell => memory.cell(`vma${ref - 1}.${field}`, 0, format && { format })
    this.vm_start = cell('vm_start')
    this.vm_end = cell('vm_end')
    this.vm_mm = cell('vm_mm')
    this.vm_flags = cell('vm_flags', format_vm_flags)
    this.vm_page_prot = cell('vm_page_prot')
    this.vm_pgoff = cell('vm_pgoff')
    this.anon_vma = cell('anon_vma')
    this.anon_vma_chain = cell('anon_vma_chain')
    this.vm_file = cell('vm_file')
    this.i_mmap = cell('i_mmap')
    this.vm_next = memory.quiet(`vma${ref - 1}.vm_next`)
    this.vm_private_data = cell('vm_private_data')
    if (locked) this.lock = new VmaLock(memory, `vma${ref - 1}`)
  }
}
