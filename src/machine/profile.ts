import type { Cell } from '../engine/model/memory.js'
import type { Steps } from '../engine/model/step.js'
import type { FlushRange } from './flush.js'
import type { FactsByKernel, KernelName } from './kernels.js'
import type { MmContext } from './mm-context.js'

/** The architecture's part of a batch of unmaps that one flush makes good. */
export interface BatchedUnmapFlush {
  /** `arch_tlbbatch_should_defer`: only where it pays, when another CPU has the address space, or always. */
  readonly defers: 'for-others' | 'always'
  /** The unmap of the page at `va` will be flushed by this CPU's batch. */
  arch_tlbbatch_add_mm(mm: MmContext, va: number): Steps
  /** Flushes all that was added. */
  arch_tlbbatch_flush(): Steps
}

/** What the walker itself maintains in entries. */
export interface HardwareUpdates {
  /** The walker sets ACCESSED; otherwise an entry without it faults. */
  readonly hardwareAccessed: boolean
  /** The walker sets DIRTY on a store; otherwise a store through a clean entry faults. */
  readonly hardwareDirty: boolean
}

/** When a CPU that switches address spaces says so. */
export type Announced = 'first' | 'late' | 'never'

/**
 * One architecture or configuration as facts and behaviours. kernel/ asks these, never the name.
 * It is what an architecture is on one kernel. Anchors are Kconfig symbols, or arch functions.
 */
export interface Profile extends HardwareUpdates {
  readonly name: string
  /** One line for `--help` and the matrix. */
  readonly title: string
  /** What supports it, by its Kconfig symbol, and the first kernel that has that. Default: all have it. */
  readonly since?: { readonly kernel: KernelName; readonly by: 'BROADCAST_TLB_FLUSH' | 'RISCV_ISA_SVRSW60T59B' }

  /** PAGE_SHIFT and PMD_SHIFT: a base page, and what a page table maps or a huge page is. For programs of system calls; races have tables of two. */
  readonly pageShift: number
  readonly pmdShift: number

  /** The FLUSH macro: how translations of a range are dropped on every CPU. */
  flush(mm: MmContext, range: FlushRange): Steps
  /**
   * Replaces an entry and returns what was there: `ptep_get_and_clear`, `pmdp_huge_get_and_clear`, `ptep_xchg_*`.
   * One exchange everywhere but on s390 (invalidates and flushes) and ppc64-hash (queues a flush of the hash PTE).
   */
  entry_xchg(mm: MmContext, entry: Cell, va: number, value: number, pages: number): Steps<number>
  /** `pmdp_collapse_flush`: takes the table away from under a huge page and flushes what was below. */
  pmdp_collapse_flush(mm: MmContext, pmdp: Cell, range: FlushRange): Steps<number>
  /** Until bedf03416913 (6.1) `pmdp_collapse_flush` also waited for an IPI to every CPU. Default false. */
  readonly collapseFlushSentIpi?: true
  /** `ptep_set_access_flags` flushes the page when it answers a write (`arch/arm64/mm/fault.c`). */
  readonly accessFlagsFlush: boolean
  /** IOMMUs that share page tables keep a translation they have used until they are told, also to refuse a write (SMMU). */
  readonly iommuKeepsRefusals: boolean
  /** The end of a lazy MMU section flushes what entry_xchg() queued (ppc64-hash); elsewhere it takes no step. */
  arch_leave_lazy_mmu_mode(): Steps
  /** The start of one. */
  arch_enter_lazy_mmu_mode(): Steps

  /** Loads another address space (undefined: init_mm), with interrupts off. `announced`: see x86/switch-mm.ts. */
  switch_mm_irqs_off(next: MmContext | undefined, announced: Announced): Steps
  /** A kernel thread begins to run on the address space that is loaded. No step where there is no lazy mode. */
  enter_lazy_tlb(): Steps

  /**
   * Who frees a page table: `pages`, with the pages of the gather after the flush; `rcu`, through call_rcu, or after
   * an IPI to everyone when there is no memory for a batch. MMU_GATHER_RCU_TABLE_FREE, `mm/mmu_gather.c:tlb_remove_table`.
   */
  readonly tableFreeing: 'pages' | 'rcu'
  /** Until 9e52fc2b50de (4.14). Default: the same. */
  readonly tableFreeingAtFirst?: 'pages' | 'rcu'
  /** What `pte_free_tlb` notes beside the gather (s390). */
  table_removed?(mm: MmContext): Steps
  /** Whether tables need a flush of walk caches before they are freed: `tlb_needs_table_invalidate()`. */
  readonly tlbNeedsTableInvalidate: boolean
  /** MMU_GATHER_MERGE_VMAS: `tlb_end_vma` does not flush for ordinary VMAs. */
  readonly mergeVmas: boolean
  /** MMU_GATHER_NO_GATHER: a page is freed as soon as it is removed, its translation being gone already. */
  readonly noGather: boolean
  /** ARCH_WANT_BATCHED_UNMAP_TLB_FLUSH: reclaim may collect flushes (`mm/rmap.c:try_to_unmap_flush`). */
  readonly batchedUnmapFlush: BatchedUnmapFlush | undefined

  /** PT_RECLAIM, since 6.14: where RCU frees tables, and nothing of the architecture's own does (ppc64). */
  readonly ptReclaim: boolean
  /** ARCH_SUPPORTS_PER_VMA_LOCK, since 6.4. */
  readonly perVmaLock: boolean
  /** ARCH_HAS_PTE_SPECIAL: without it gup_pte_range() gives up and vm_normal_page() asks the VMA. */
  readonly pteSpecial: boolean
  /**
   * `pte_access_permitted()` is the generic one: it takes whatever software sees as present, which PROT_NONE memory is, and a PMD that
   * `pmdp_invalidate()` has marked. Others ask for what hardware would allow user mode.
   */
  readonly presentIsPermitted: boolean
  /** HAVE_FAST_GUP. */
  readonly fastGup: boolean
  /** ARCH_HAS_PTE_DEVMAP, and so ZONE_DEVICE: memory of devices that has struct pages. */
  readonly pteDevmap: boolean
  /** HAVE_ARCH_TRANSPARENT_HUGEPAGE, and the CPU has huge pages: `has_transparent_hugepage()`. */
  readonly thp: boolean
  /** ARCH_ENABLE_THP_MIGRATION: migration entries at PMD level. */
  readonly thpMigration: boolean
  /** ARCH_WANT_HUGE_PMD_SHARE: hugetlb shares PMD tables. */
  readonly hugePmdShare: boolean
  /** HAVE_MOVE_PMD and HAVE_MOVE_PUD: mremap moves whole tables. */
  readonly moveTables: boolean
  /** THP_SWAP: a huge page gets a cluster of the swap area; elsewhere it is split first. */
  readonly thpSwap: boolean
  /** `ptep_clear_flush_young()` waits for a flush. Many do without: what a CPU reads through its TLB is no use then. */
  readonly clearYoungFlushes: boolean
  /** HAVE_ARCH_SOFT_DIRTY. */
  readonly softDirty: boolean
  /** ARCH_SUPPORTS_NUMA_BALANCING. */
  readonly numaBalancing: boolean
  /** HAVE_ARCH_USERFAULTFD_WP: entries have a bit for UFFDIO_WRITEPROTECT (x86-64 only). */
  readonly userfaultfdWp: boolean
  /** GUP_GET_PTE_LOW_HIGH: an entry is two words, which lockless readers read one after the other. */
  readonly tornEntries: boolean

  /** The walker caches upper levels, so that a table may be used after its pointer was taken away. */
  readonly walkCaches: boolean
  /** A flush of leaf entries drops cached upper levels too (x86 INVLPG); otherwise only one that says freed_tables. */
  readonly leafFlushDropsWalks: boolean
  /** Changing a valid entry drops its translations in the same go: s390's IPTE, the hash PTE of ppc64. */
  readonly entryChangeFlushes: boolean
  /** `pmdp_invalidate_ad()` flushes, as everywhere but on x86. */
  readonly invalidateAdFlushes: boolean
  /** `pte_accessible()` counts a PROTNONE entry while `mm_tlb_flush_pending()`; where that is not asked, every entry always. */
  readonly accessibleWhileFlushPending: boolean
  /** Whether a fault on an entry that already permits the access flushes that page (`flush_tlb_fix_spurious_fault`). */
  readonly spuriousFaultFlushes: boolean
  /** Replacing a valid entry by another frame needs an invalid one and a flush in between (Arm, break-before-make). */
  readonly breakBeforeMake: boolean
}


/** An architecture on every kernel: facts that differ by kernel stand beside each other, as `byKernel({ '6.1': …, '7.3': … })`. */
export type ProfileFacts = Pick<Profile, 'name' | 'title' | 'since'> & FactsByKernel<Omit<Profile, 'name' | 'title' | 'since'>>
