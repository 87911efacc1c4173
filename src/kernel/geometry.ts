/** How many there are of something. */
interface Size {
  /** In a race, unless it says so itself. */
  readonly race: number
  /** In programs of system calls: the real ones, of x86-64 with 4 KiB pages. */
  readonly program: number
  /** How many of them are free when the CPUs of a race begin, if it does not say how many there are. */
  readonly spare: number
}

const size = (race: number, program: number, spare = 0): Size => ({ race, program, spare })

/** Every size of the modelled machine. What is laid out with it: layout.ts. */
export const SIZES = {
  /** Entries of a PTE table, and so pages of a huge page. A power of two. */
  ptrsPerPte: size(2, 512),
  /** Entries of a PMD table; an mm has one. */
  ptrsPerPmd: size(2, 8),
  /** NUMA nodes, each with its own pages. */
  nodes: size(1, 2),
  /** How many of them, the last ones, are ZONE_MOVABLE. */
  movableNodes: size(0, 0),
  /** Order-0 pages per node. */
  pages: size(4, 6144),
  /** Order-0 pages per node, beside those, that the contiguous memory allocator has set aside (CMA): for movable memory meanwhile. */
  cmaPages: size(0, 0),
  /** Blocks per node from which huge pages are taken, `ptrsPerPte` pages each. */
  hugePages: size(1, 24),
  /** Huge pages set aside for hugetlbfs at boot, each mapped as one page. None: a kernel without HUGETLB_PAGE. */
  hugetlbPages: size(0, 0),
  /** Slots of the swap area; none: a kernel without swap. */
  swapSlots: size(0, 0),
  /** Pages of a device's own memory, which the CPU cannot reach, and can. */
  devicePrivate: size(0, 1024),
  deviceCoherent: size(0, 0),
  /** Pages of memory that a filesystem maps into files (fsdax), that device-dax maps, and of a PCI device's BAR (P2PDMA). */
  fsdax: size(0, 0),
  deviceDax: size(0, 0),
  p2pdma: size(0, 0),
  /** Address spaces that the test device (lib/test_hmm.c) can mirror. */
  mirrors: size(0, 12),
  /** Address spaces, the first ones, whose write faults a monitor may ask for (userfaultfd). */
  userfaultfds: size(0, 0),
  /** IOMMUs through which a device walks the page tables of an address space itself (ATS and PASID). */
  iommus: size(0, 0),
  /** Fences of work that devices have been given, and room for them in each reservation object. */
  fences: size(0, 0, 2),
  /** How often the OOM reaper tries an address space (MAX_OOM_REAP_RETRIES). 0: there is none, and no fault asks about it. */
  oomReapRetries: size(0, 0),
  /** Lanes, the last ones, whose threads do the work that others queue. */
  workers: size(0, 0),
  /** PTE tables, beside the one PMD table that every mm has. */
  tables: size(2, 96, 1),
  mms: size(1, 12),
  vmas: size(2, 256, 2),
  anonVmas: size(1, 256, 1),
  anonVmaChains: size(2, 1024, 2),
  files: size(0, 24),
  /** Pages of page cache per file. */
  filePages: size(2, 4096),
  /** Pages that an mmu_gather holds before it must flush. */
  gatherPages: size(2, 512),
  /** Page tables that an mmu_gather holds before it must flush. 0: there is no memory for a batch. */
  gatherTables: size(2, 16),
  /** Times that migrate_pages() tries a folio (NR_MAX_MIGRATE_PAGES_RETRY). */
  migratePasses: size(1, 10),
  /** Pages that KSM tracks (rmap items), and different contents that it shares (stable nodes). */
  ksmItems: size(0, 4096),
  ksmNodes: size(0, 1024),
  /** Width of page->_refcount, which wraps. Fewer than 32 bits bring an overflow within reach. */
  refcountBits: size(32, 32),
  /** Pages of a per-CPU LRU batch (PAGEVEC_SIZE). */
  pagevecSize: size(2, 15),
} as const satisfies Readonly<Record<string, Size>>

export type SizeName = keyof typeof SIZES

/** How large the modelled machine is, and how it is set. Races use a handful of everything, programs of system calls the real sizes. */
export type Geometry = { readonly [Name in SizeName]: number } & {
  /** Whether readers of rw_semaphores wait behind writers that wait: see locking/rwsem.ts. */
  readonly fairRwsems: boolean
}

const sizedFor = (whom: 'race' | 'program'): Geometry => {
  const sizes = Object.fromEntries(Object.entries(SIZES).map(([name, one]) => [name, one[whom]]))
  return { ...(sizes as Record<SizeName, number>), fairRwsems: false }
}

/** Two entries per table, a few pages: for exploring races. */
export const SMALL: Geometry = sizedFor('race')

/** The tables of x86-64 with 4 KiB pages: for programs of system calls. */
export const REAL: Geometry = sizedFor('program')
