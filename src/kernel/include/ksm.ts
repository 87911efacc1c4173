import type { Cell, Memory } from '../../engine/model/memory.js'
import type { Geometry } from '../geometry.js'
import { Pool, type Pooled } from '../pool.js'

/** Bit of mm->flags: the mm is on ksmd's list. */
export const MMF_VM_MERGEABLE = 1 << 16

/** struct ksm_stable_node: a shared page. Its rmap items are linked by `hlist`, all nodes by `node`. */
export class StableNode implements Pooled {
  readonly hlist: Cell
  readonly kpfn: Cell
  /** The next node of the stable tree, which is a list here. */
  readonly node: Cell

  constructor(memory: Memory, readonly ref: number, readonly next: Cell) {
    const cell = (field: string): Cell => memory.cell(`stable_node${ref - 1}.${field}`)
    this.hlist = cell('hlist')
    this.kpfn = cell('kpfn')
    this.node = cell('node')
  }
}

/** struct ksm_rmap_item: a page of a mergeable VMA, by its address. */
export class RmapItem implements Pooled {
  /** The next item of the same mm, at a higher address. */
  readonly rmap_list: Cell
  readonly mm: Cell
  /** Page number. The flag bits of the kernel's word are in `flags`. */
  readonly address: Cell
  readonly flags: Cell
  /** While in the stable tree: with a reference. */
  readonly anon_vma: Cell
  readonly head: Cell
  readonly hlist: Cell
  readonly oldchecksum: Cell
  /** The next item of the unstable tree, which is a list here. */
  readonly node: Cell

  constructor(memory: Memory, readonly ref: number, readonly next: Cell) {
    const cell = (field: string): Cell => memory.cell(`rmap_item${ref - 1}.${field}`)
    this.rmap_list = cell('rmap_list')
    this.mm = cell('mm')
    this.address = cell('address')
    this.flags = cell('flags')
    this.anon_vma = cell('anon_vma')
    this.head = cell('head')
    this.hlist = cell('hlist')
    this.oldchecksum = cell('oldchecksum')
    this.node = cell('node')
  }
}

/** Low bits of rmap_item->address: sequence number of the scan, and which tree it is in. */
export const SEQNR_MASK = 0x0ff
export const UNSTABLE_FLAG = 0x100
export const STABLE_FLAG = 0x200

/** mm/ksm.c's own state. */
export class Ksm {
  readonly nodes: Pool<StableNode>
  readonly items: Pool<RmapItem>
  readonly stable_tree: Cell
  readonly unstable_tree: Cell
  /** ksm_scan.seqnr: number of full scans. */
  readonly seqnr: Cell
  /** Per mm: the first rmap item, and the next mm of the list. */
  readonly rmap_list: readonly Cell[]
  readonly mm_next: readonly Cell[]
  /** ksm_mm_head: the first mm. */
  readonly mm_list: Cell

  constructor(memory: Memory, geometry: Geometry) {
    this.nodes = new Pool(memory, 'stable_node', 'ksmNodes', geometry.ksmNodes, (ref, next) => new StableNode(memory, ref, next))
    this.items = new Pool(memory, 'rmap_item', 'ksmItems', geometry.ksmItems, (ref, next) => new RmapItem(memory, ref, next))
    const mms = geometry.ksmItems > 0 ? geometry.mms : 0
    this.stable_tree = memory.cell('ksm.stable_tree')
    this.unstable_tree = memory.cell('ksm.unstable_tree')
    this.seqnr = memory.cell('ksm.seqnr')
    this.rmap_list = memory.cells('ksm.rmap_list', mms)
    this.mm_next = memory.cells('ksm.mm_next', mms)
    this.mm_list = memory.cell('ksm.mm_list')
  }
}
