import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Pooled } from '../pool.js'

/** struct anon_vma (include/linux/rmap.h). `rb_root` points to the first anon_vma_chain, linked by `rb`. */
export class AnonVma implements Pooled {
  readonly root: Cell
  readonly rwsem: Cell
  readonly refcount: Cell
  readonly num_children: Cell
  readonly num_active_vmas: Cell
  readonly parent: Cell
  readonly rb_root: Cell

  constructor(memory: Memory, readonly ref: number, readonly next: Cell) {
    const cell = (field: string): Cell => memory.cell(`anon_vma${ref - 1}.${field}`)
    this.root = cell('root')
    this.rwsem = memory.quiet(`anon_vma${ref - 1}.rwsem`)
    this.refcount = cell('refcount')
    this.num_children = cell('num_children')
    this.num_active_vmas = cell('num_active_vmas')
    this.parent = cell('parent')
    this.rb_root = cell('rb_root')
  }
}

/** struct anon_vma_chain: ties one VMA to one anon_vma. */
export class AnonVmaChain implements Pooled {
  readonly vma: Cell
  readonly anon_vma: Cell
  readonly same_vma: Cell
  readonly rb: Cell

  constructor(memory: Memory, readonly ref: number, readonly next: Cell) {
    const cell = (field: string): Cell => memory.cell(`avc${ref - 1}.${field}`)
    this.vma = cell('vma')
    this.anon_vma = cell('anon_vma')
    this.same_vma = cell('same_vma')
    this.rb = cell('rb')
  }
}
