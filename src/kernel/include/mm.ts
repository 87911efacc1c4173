import type { Cell, Memory } from '../../engine/model/memory.js'
import { Sequence } from '../../engine/model/sequence.js'
import type { AddressSpaceView, MmContext } from '../../machine/mm-context.js'
import type { PhysicalMemory } from '../physical_memory.js'
import type { Pool, Pooled } from '../pool.js'
import type { PageTable } from './page_table.js'
import { pmd_trans_huge, PFN_SHIFT } from './pgtable.js'

const FIELDS = ['mm_users', 'mm_count', 'mmap', 'map_count', 'flags', 'tlb_flush_pending',
  'tlb_flush_batched', 'has_pinned', 'locked_vm', 'def_flags', 'nr_ptes', 'ksm_mm_slot', 'notifier_invalidate_seq'] as const

/** struct mm_struct. `mmap` points to the first VMA of the list ordered by address. */
export class Mm implements Pooled, AddressSpaceView {
  readonly rootLevel = 1
  /** Threads of the process, and others that work on its memory. */
  readonly mm_users: Cell
  /** Who keeps the struct; all of mm_users together count as one. */
  readonly mm_count: Cell
  readonly mmap_lock: Cell
  readonly page_table_lock: Cell
  readonly mmap: Cell
  readonly map_count: Cell
  readonly flags: Cell
  /** Odd while fork() write-protects (a seqcount). */
  readonly write_protect_seq: Sequence
  /** Number of mmu_gathers that may not have flushed yet. */
  readonly tlb_flush_pending: Cell
  readonly tlb_flush_batched: Cell
  readonly has_pinned: Cell
  readonly locked_vm: Cell
  readonly def_flags: Cell
  readonly nr_ptes: Cell
  readonly ksm_mm_slot: Cell
  readonly notifier_invalidate_seq: Cell

  /** `pgd` is the table of PMDs: the levels above are folded. */
  constructor(
    memory: Memory, readonly ref: number, readonly next: Cell, readonly context: MmContext, readonly pgd: PageTable,
    private readonly tables: Pool<PageTable>, private readonly physical: PhysicalMemory,
  ) {
    const cells = FIELDS.map((field) => memory.cell(`mm${ref - 1}.${field}`))
    ;[this.mm_users, this.mm_count, this.mmap, this.map_count, this.flags, this.tlb_flush_pending,
      this.tlb_flush_batched, this.has_pinned, this.locked_vm, this.def_flags, this.nr_ptes,
      this.ksm_mm_slot, this.notifier_invalidate_seq] = cells as [Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell,
      Cell, Cell]
    this.write_protect_seq = new Sequence(memory, `mm${ref - 1}.write_protect_seq`)
    this.mmap_lock = memory.quiet(`mm${ref - 1}.mmap_lock`)
    this.page_table_lock = memory.quiet(`mm${ref - 1}.page_table_lock`)
  }

  get root(): PageTable {
    return this.pgd
  }

  /** For the machine: the table that an entry points to. */
  table(word: number): PageTable | undefined {
    return this.tables.at(word >>> PFN_SHIFT)
  }

  /** For the machine: the content of the page that a leaf entry maps at an address. */
  page(word: number, address: number): Cell | undefined {
    const page = this.physical.pages[word >>> PFN_SHIFT]
    if (!pmd_trans_huge(word) || page?.hugetlb) return page?.content
    return this.physical.pages[(word >>> PFN_SHIFT) + (address % this.tables.objects[0]!.entries.length)]?.content
  }
}
