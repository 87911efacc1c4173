import { QUIET, type Cell, type Memory } from '../engine/model/memory.js'
import type { Geometry } from './geometry.js'

/** A batch of pages that a CPU works on later (struct pagevec, struct folio_batch). Holds pfns. */
export class Pagevec {
  readonly nr: Cell
  readonly pages: readonly Cell[]

  constructor(memory: Memory, name: string, size: number) {
    this.nr = memory.quiet(`${name}.nr`)
    this.pages = memory.cells(`${name}.pages`, size, 0, QUIET)
  }
}

/** A batch of folios on their way to or between the LRU lists, with the local_lock that it is worked on under. */
export class FolioBatch extends Pagevec {
  readonly lock: Cell

  constructor(memory: Memory, name: string, size: number) {
    super(memory, name, size)
    this.lock = memory.quiet(`${name}.lock`)
  }
}

/** struct mmu_gather. The kernel has it on the stack; here every CPU has one, since an unmap does not nest. */
export class MmuGather {
  readonly mm: Cell
  readonly start: Cell
  readonly end: Cell
  readonly fullmm: Cell
  readonly freed_tables: Cell
  /** Tables of hugetlbfs were unshared, and one of them has but one user left. */
  readonly unshared_tables: Cell
  readonly fully_unshared_tables: Cell
  readonly need_flush_all: Cell
  readonly vma_pfn: Cell
  readonly pages: Pagevec
  readonly tables: Pagevec

  constructor(memory: Memory, name: string, geometry: Geometry) {
    const cell = (field: string): Cell => memory.quiet(`${name}.${field}`)
    this.mm = cell('mm')
    this.start = cell('start')
    this.end = cell('end')
    this.fullmm = cell('fullmm')
    this.freed_tables = cell('freed_tables')
    this.unshared_tables = cell('unshared_tables')
    this.fully_unshared_tables = cell('fully_unshared_tables')
    this.need_flush_all = cell('need_flush_all')
    this.vma_pfn = cell('vma_pfn')
    this.pages = new Pagevec(memory, `${name}.batch`, geometry.gatherPages)
    this.tables = new Pagevec(memory, `${name}.table_batch`, geometry.gatherTables)
  }
}

/** struct tlbflush_unmap_batch: flushes that reclaim on this CPU has put off. Its mask of CPUs is the machine's. */
export class TlbflushUnmapBatch {
  readonly flush_required: Cell
  readonly writable: Cell

  constructor(memory: Memory, name: string) {
    this.flush_required = memory.quiet(`${name}.flush_required`)
    this.writable = memory.quiet(`${name}.writable`)
  }
}

/** struct folio_referenced_arg: a local variable of folio_referenced(), which its walk counts in. */
export class FolioReferencedArg {
  /** Mappings that the walk has not come to yet. */
  readonly mapcount: Cell
  /** VMAs through which the folio was used. */
  readonly referenced: Cell
  /** Their flags, and VM_LOCKED of one that the folio is mlocked for. */
  readonly vm_flags: Cell

  constructor(memory: Memory, name: string) {
    this.mapcount = memory.quiet(`${name}.mapcount`)
    this.referenced = memory.quiet(`${name}.referenced`)
    this.vm_flags = memory.quiet(`${name}.vm_flags`)
  }
}

/** struct wp_walk, of mm/mapping_dirty_helpers.c: a local variable of the caller of a walk. */
export class WpWalk {
  readonly tlbflush_start: Cell
  readonly tlbflush_end: Cell
  readonly total: Cell

  constructor(memory: Memory, name: string) {
    this.tlbflush_start = memory.quiet(`${name}.tlbflush_start`)
    this.tlbflush_end = memory.quiet(`${name}.tlbflush_end`)
    this.total = memory.quiet(`${name}.total`)
  }
}

/** What each CPU has for itself in the memory manager: LRU batches (mm/swap.c, mm/mlock.c) and an mmu_gather. */
export class PerCpu {
  readonly lru_add: FolioBatch
  readonly lru_deactivate: FolioBatch
  readonly lru_lazyfree: FolioBatch
  readonly activate: FolioBatch
  readonly mlock: FolioBatch
  readonly tlb: MmuGather
  /** Of a function of hugetlbfs that may be called while the other is in use. */
  readonly tlb_vma: MmuGather
  readonly tlb_ubc: TlbflushUnmapBatch
  /** A local variable of folio_mkclean(), which its walk counts up. */
  readonly cleaned: Cell
  readonly wp_walk: WpWalk
  readonly pra: FolioReferencedArg
  /** A local variable of folio_make_device_exclusive(), which its walk sets. */
  readonly valid: Cell
  /** current->in_lru_fault, of the task that runs here. */
  readonly in_lru_fault: Cell

  constructor(memory: Memory, id: number, geometry: Geometry) {
    const batch = (name: string): FolioBatch => new FolioBatch(memory, `cpu${id}.${name}`, geometry.pagevecSize)
    this.lru_add = batch('lru_add')
    this.lru_deactivate = batch('lru_deactivate')
    this.lru_lazyfree = batch('lru_lazyfree')
    this.activate = batch('activate')
    this.mlock = batch('mlock')
    this.tlb = new MmuGather(memory, `cpu${id}.tlb`, geometry)
    this.tlb_vma = geometry.hugetlbPages > 0 ? new MmuGather(memory, `cpu${id}.tlb_vma`, geometry) : this.tlb
    this.tlb_ubc = new TlbflushUnmapBatch(memory, `cpu${id}.tlb_ubc`)
    this.wp_walk = new WpWalk(memory, `cpu${id}.wp_walk`)
    this.pra = new FolioReferencedArg(memory, `cpu${id}.pra`)
    this.valid = memory.quiet(`cpu${id}.valid`)
    this.cleaned = memory.quiet(`cpu${id}.cleaned`)
    this.in_lru_fault = memory.quiet(`cpu${id}.in_lru_fault`)
  }
}
