/** How large the modelled machine is. Races use a handful of everything, programs of system calls the real sizes. */
export interface Geometry {
  /** Entries of a PTE table, and so pages of a huge page. A power of two. */
  readonly ptrsPerPte: number
  /** Entries of a PMD table; an mm has one. */
  readonly ptrsPerPmd: number
  /** NUMA nodes, each with its own pages. */
  readonly nodes: number
  /** How many of them, the last ones, are ZONE_MOVABLE. */
  readonly movableNodes: number
  /** Order-0 pages per node. */
  readonly pages: number
  /** Order-0 pages per node, beside those, that the contiguous memory allocator has set aside (CMA): for movable memory meanwhile. */
  readonly cmaPages: number
  /** Blocks per node from which huge pages are taken, `ptrsPerPte` pages each. */
  readonly hugePages: number
  /** Huge pages set aside for hugetlbfs at boot, each mapped as one page. None: a kernel without HUGETLB_PAGE. */
  readonly hugetlbPages: number
  /** Slots of the swap area; none: a kernel without swap. */
  readonly swapSlots: number
  /** Pages of a device's own memory, which the CPU cannot reach, and can. */
  readonly devicePrivate: number
  readonly deviceCoherent: number
  /** Pages of memory that a filesystem maps into files (fsdax), that device-dax maps, and of a PCI device's BAR (P2PDMA). */
  readonly fsdax: number
  readonly deviceDax: number
  readonly p2pdma: number
  /** Address spaces that the test device (lib/test_hmm.c) can mirror. */
  readonly mirrors: number
  /** Address spaces, the first ones, whose write faults a monitor may ask for (userfaultfd). */
  readonly userfaultfds: number
  /** Devices or virtual machines with page tables of their own, and drivers that the race gives them. */
  readonly secondaryMmus: number
  /** How many of them, the first ones, subscribe to a range, not to all of an address space. */
  readonly intervalMmus: number
  /** IOMMUs through which a device walks the page tables of an address space itself (ATS and PASID). */
  readonly iommus: number
  /** Reservation objects (struct dma_resv), and fences for work of devices. */
  readonly reservations: number
  readonly fences: number
  /** Buffer objects of GPUs that are user memory. */
  readonly userptrs: number
  /** How many of them, the first ones, have a driver from before interval notifiers. */
  readonly userptrMns: number
  /** How often the OOM reaper tries an address space (MAX_OOM_REAP_RETRIES). 0: there is none, and no fault asks about it. */
  readonly oomReapRetries: number
  /** Whether readers of rw_semaphores wait behind writers that wait: see locking/rwsem.ts. */
  readonly fairRwsems: boolean
  /** Lanes, the last ones, whose threads do the work that others queue. */
  readonly workers: number
  /** PTE tables, beside the one PMD table that every mm has. */
  readonly tables: number
  readonly mms: number
  readonly vmas: number
  readonly anonVmas: number
  readonly anonVmaChains: number
  readonly files: number
  /** Pages of page cache per file. */
  readonly filePages: number
  /** Pages that an mmu_gather holds before it must flush. */
  readonly gatherPages: number
  /** Page tables that an mmu_gather holds before it must flush. 0: there is no memory for a batch. */
  readonly gatherTables: number
  /** Times that migrate_pages() tries a folio (NR_MAX_MIGRATE_PAGES_RETRY). */
  readonly migratePasses: number
  /** Pages that KSM tracks (rmap items), and different contents that it shares (stable nodes). */
  readonly ksmItems: number
  readonly ksmNodes: number
  /** Width of page->_refcount, which wraps. Fewer than 32 bits bring an overflow within reach. */
  readonly refcountBits: number
  /** Pages of a per-CPU LRU batch (PAGEVEC_SIZE). */
  readonly pagevecSize: number
}

/** Two entries per table, a few pages: for exploring races. */
export const SMALL: Geometry = {
  intervalMmus: 0, oomReapRetries: 0, cmaPages: 0,
  ptrsPerPte: 2, ptrsPerPmd: 2, nodes: 1, movableNodes: 0, pages: 4, hugePages: 1, hugetlbPages: 0, devicePrivate: 0, deviceCoherent: 0,
  swapSlots: 0, fsdax: 0, deviceDax: 0, p2pdma: 0,
  mirrors: 0, userfaultfds: 0, tables: 2, mms: 1, vmas: 2, anonVmas: 1, anonVmaChains: 2, files: 0, filePages: 2, gatherPages: 2,
  gatherTables: 2, migratePasses: 1, ksmItems: 0, ksmNodes: 0, secondaryMmus: 0, iommus: 0, pagevecSize: 2,
  reservations: 0, fences: 0, userptrs: 0, userptrMns: 0, workers: 0, refcountBits: 32, fairRwsems: false,
}

/** The tables of x86-64 with 4 KiB pages: for programs of system calls. */
export const REAL: Geometry = {
  intervalMmus: 0, oomReapRetries: 0, cmaPages: 0,
  ptrsPerPte: 512, ptrsPerPmd: 8, nodes: 2, movableNodes: 0, pages: 6144, hugePages: 24, hugetlbPages: 0, devicePrivate: 1024, deviceCoherent: 0,
  swapSlots: 0, fsdax: 0, deviceDax: 0, p2pdma: 0,
  mirrors: 12, userfaultfds: 0, tables: 96, mms: 12, vmas: 256, anonVmas: 256, anonVmaChains: 1024, files: 24, filePages: 4096,
  gatherPages: 512, gatherTables: 16, migratePasses: 10, ksmItems: 4096, ksmNodes: 1024, secondaryMmus: 0, iommus: 0, pagevecSize: 15,
  reservations: 0, fences: 0, userptrs: 0, userptrMns: 0, workers: 0, refcountBits: 32, fairRwsems: false,
}
