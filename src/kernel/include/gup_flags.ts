/** gup_flags (include/linux/mm.h). */
export const FOLL_WRITE = 0x01
export const FOLL_TOUCH = 0x02
export const FOLL_GET = 0x04
export const FOLL_DUMP = 0x08
export const FOLL_FORCE = 0x10
export const FOLL_NOWAIT = 0x20
export const FOLL_NOFAULT = 0x80
export const FOLL_HWPOISON = 0x100
/** Until 6.0: a forced write has had its copy made. */
export const FOLL_COW = 0x4000
export const FOLL_ANON = 0x8000
export const FOLL_LONGTERM = 0x10000
export const FOLL_SPLIT_PMD = 0x20000
export const FOLL_PIN = 0x40000
export const FOLL_FAST_ONLY = 0x80000
export const FOLL_NUMA = 0x200
/** Wait for a migration to end. */
export const FOLL_MIGRATION = 0x400
export const FOLL_TRIED = 0x800
/** Since 6.2: pages in the BAR of a PCI device are welcome. */
export const FOLL_PCI_P2PDMA = 0x100000
/** Not of 6.1, which passes a pointer `locked`: a fault may drop the mmap_lock. */
export const FOLL_UNLOCKABLE = 0x200000
