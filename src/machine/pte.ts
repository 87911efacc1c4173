/**
 * The word of a page-table entry, at every level: the bits of x86-64 for all profiles
 * (`arch/x86/include/asm/pgtable_types.h`), the page frame number above. 0 is none. A word with neither PRESENT nor
 * PROTNONE is no entry that hardware could use; what its other bits mean (swap, migration ...) is the kernel's.
 */
export const _PAGE_PRESENT = 0x001
export const _PAGE_RW = 0x002
export const _PAGE_USER = 0x004
export const _PAGE_DEVMAP = 0x008
/** s390: invalid for hardware while software still sees it present (between IPTE and the new value). */
export const _PAGE_INVALID = 0x010
export const _PAGE_ACCESSED = 0x020
export const _PAGE_DIRTY = 0x040
/** A leaf above the lowest level. Stays while pmdp_invalidate() has taken PRESENT away. */
export const _PAGE_PSE = 0x080
/** Present for software, not for hardware. Never together with PRESENT. */
export const _PAGE_PROTNONE = 0x100
export const _PAGE_SPECIAL = 0x200
export const _PAGE_UFFD_WP = 0x400
export const _PAGE_SOFT_DIRTY = 0x800

/** The page frame number starts at this bit; it has 20 bits. */
export const PFN_SHIFT = 12

/** The frame that a word maps, or the number of the table it points to. */
export const word_pfn = (word: number): number => word >>> PFN_SHIFT

/** Whether hardware may translate through the word. */
export const hardware_present = (word: number): boolean => (word & (_PAGE_PRESENT | _PAGE_INVALID)) === _PAGE_PRESENT
