import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Pooled } from '../pool.js'

/** Bits of vma->vm_private_data of a private mapping of hugetlbfs; above them is its reservation map. */
export const HPAGE_RESV_OWNER = 1
export const HPAGE_RESV_UNMAPPED = 2

/**
 * struct resv_map of hugetlbfs. `regions` has a bit for every huge page of the file: of a file, whether a page has ever been
 * set aside for it; of a private mapping, whether the page that was set aside has been used.
 */
export class ResvMap implements Pooled {
  /** VMAs that use it. */
  readonly refs: Cell
  readonly regions: Cell
  /** Of a private mapping: what the lock of a VMA is to a shared one. */
  readonly rw_sema: Cell

  constructor(memory: Memory, name: string, readonly ref: number, readonly next: Cell) {
    this.refs = memory.cell(`${name}.refs`)
    this.regions = memory.cell(`${name}.regions`)
    this.rw_sema = memory.cell(`${name}.rw_sema`)
  }
}

/** struct hugetlb_vma_lock, of a shared mapping. It may outlive the VMA: then `vma` is 0. */
export class HugetlbVmaLock implements Pooled {
  readonly refs: Cell
  readonly rw_sema: Cell
  readonly vma: Cell

  constructor(memory: Memory, readonly ref: number, readonly next: Cell) {
    const name = `vma_lock${ref - 1}`
    this.refs = memory.cell(`${name}.refs`)
    this.rw_sema = memory.cell(`${name}.rw_sema`)
    this.vma = memory.cell(`${name}.vma`)
  }
}
