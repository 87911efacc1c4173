/** Bits of page->flags, at their places in 6.1 on x86-64 (include/linux/page-flags.h). */
export const PG_locked = 1 << 0
export const PG_referenced = 1 << 1
export const PG_uptodate = 1 << 2
export const PG_dirty = 1 << 3
export const PG_lru = 1 << 4
export const PG_active = 1 << 5
export const PG_workingset = 1 << 6
export const PG_reserved = 1 << 12
export const PG_private = 1 << 13
export const PG_writeback = 1 << 15
export const PG_head = 1 << 16
export const PG_reclaim = 1 << 18
export const PG_swapbacked = 1 << 19
export const PG_unevictable = 1 << 20
export const PG_mlocked = 1 << 21
/** PG_owner_priv_1. */
export const PG_swapcache = 1 << 10
/** folio_test_swapcache(): other pages use the bit for other things. */
export const is_swapcache = (flags: number): boolean => (flags & (PG_swapbacked | PG_swapcache)) === (PG_swapbacked | PG_swapcache)
/** PG_mappedtodisk; only on anonymous pages. */
export const PG_anon_exclusive = 1 << 17
/** PG_workingset of the first tail page of a huge page: both PMD- and PTE-mapped. */
export const PG_double_map = 1 << 6
/** Bits of page->private of a huge page of hugetlbfs (include/linux/hugetlb.h). */
export const HPG_restore_reserve = 1 << 0
export const HPG_migratable = 1 << 1
/** What must be clear when a page is freed: it is locked, on a list, written or reserved. */
export const PAGE_FLAGS_CHECK_AT_FREE =
  PG_lru | PG_locked | PG_private | PG_writeback | PG_reserved | PG_active | PG_unevictable | PG_mlocked
/** What is cleared when a page is freed, and must be clear when it is allocated. */
export const PAGE_FLAGS_CHECK_AT_PREP = 0x3fffff

const NAMES = [
  'locked', 'referenced', 'uptodate', 'dirty', 'lru', 'active', 'workingset', '', '', '', 'swapcache', '', 'reserved', 'private', '',
  'writeback', 'head', 'anon_exclusive', 'reclaim', 'swapbacked', 'unevictable', 'mlocked',
]

/** `lru|dirty`, for tables. */
export const format_page_flags = (flags: number): string =>
  NAMES.filter((name, bit) => name !== '' && flags & (1 << bit)).join('|') || '0'
