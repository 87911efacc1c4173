import { _PAGE_PSE, PFN_SHIFT, type Pte, pte_none, pte_present } from './pgtable.js'

/*
 * Entries that are not present (include/linux/swapops.h): bit 1 soft-dirty, bit 2 uffd-wp, bit 3 exclusive (x86's places), bits
 * 4-6 and 9 the type, bits 10 and 11 young and dirty of a migration entry, bits 12-31 a swap offset or page frame number.
 */
export const SWP_SOFT_DIRTY = 0x002
export const SWP_UFFD_WP = 0x004
export const SWP_EXCLUSIVE = 0x008
export const SWP_YOUNG = 0x400
export const SWP_DIRTY = 0x800

/** Kinds of swap entry. */
export const SWP = {
  SWAP: 1, MIGRATION_READ: 2, MIGRATION_READ_EXCLUSIVE: 3, MIGRATION_WRITE: 4, DEVICE_READ: 5, DEVICE_WRITE: 6,
  DEVICE_EXCLUSIVE_READ: 7, DEVICE_EXCLUSIVE_WRITE: 8, HWPOISON: 9, MARKER: 10,
} as const

const TYPE_MASK = 0x270

export const swp_entry = (type: number, offset: number, bits = 0): Pte =>
  (offset << PFN_SHIFT) | ((type & 7) << 4) | ((type & 8) << 6) | bits

export const swp_type = (pte: Pte): number => ((pte >> 4) & 7) | ((pte >> 6) & 8)
export const swp_offset = (pte: Pte): number => pte >>> PFN_SHIFT
/** The same entry of another type. */
export const swp_with_type = (pte: Pte, type: number): Pte => (pte & ~TYPE_MASK) | swp_entry(type, 0)

export const is_swap_pte = (pte: Pte): boolean => !pte_none(pte) && !pte_present(pte) && !(pte & _PAGE_PSE)
const typed = (pte: Pte, ...types: number[]): boolean => is_swap_pte(pte) && types.includes(swp_type(pte))
export const is_migration_entry = (pte: Pte): boolean =>
  typed(pte, SWP.MIGRATION_READ, SWP.MIGRATION_READ_EXCLUSIVE, SWP.MIGRATION_WRITE)
export const is_device_private_entry = (pte: Pte): boolean => typed(pte, SWP.DEVICE_READ, SWP.DEVICE_WRITE)
export const is_device_exclusive_entry = (pte: Pte): boolean => typed(pte, SWP.DEVICE_EXCLUSIVE_READ, SWP.DEVICE_EXCLUSIVE_WRITE)
/** A page in a swap area, not one of the special uses. */
export const is_genuine_swap_entry = (pte: Pte): boolean => typed(pte, SWP.SWAP)
/** Of a swap entry: nobody else has the page. */
export const pte_swp_exclusive = (pte: Pte): boolean => (pte & SWP_EXCLUSIVE) !== 0
/** A page that must not be touched (MADV_GUARD_INSTALL). */
export const GUARD_MARKER: Pte = swp_entry(SWP.MARKER, 4)
export const is_guard_marker = (pte: Pte): boolean => typed(pte, SWP.MARKER) && swp_offset(pte) === 4
export const pte_swp_soft_dirty = (pte: Pte): boolean => (pte & SWP_SOFT_DIRTY) !== 0
