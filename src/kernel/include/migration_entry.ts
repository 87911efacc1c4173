import {
  _PAGE_UFFD_WP, type Pte, pte_dirty, pte_mkdirty, pte_mkold, pte_mksoft_dirty, pte_mkwrite, pte_soft_dirty, pte_write, pte_wrprotect,
  pte_young,
} from './pgtable.js'
import {
  is_migration_entry, pte_swp_soft_dirty, SWP, SWP_DIRTY, SWP_SOFT_DIRTY, SWP_UFFD_WP, SWP_YOUNG, swp_entry, swp_type,
} from './swapops.js'
import { VM_WRITE } from './vm_flags.js'

/* include/linux/swapops.h: what a page-table word is while its page is being migrated. The same at PTE and PMD level. */

const type_of = (write: boolean, exclusive: boolean): number => {
  if (write) return SWP.MIGRATION_WRITE
  return exclusive ? SWP.MIGRATION_READ_EXCLUSIVE : SWP.MIGRATION_READ
}

/** The migration entry that takes the place of a present entry of page `pfn`. */
export const migration_entry_of = (pte: Pte, pfn: number, exclusive: boolean): Pte =>
  swp_entry(type_of(pte_write(pte), exclusive), pfn,
    (pte_young(pte) ? SWP_YOUNG : 0) | (pte_dirty(pte) ? SWP_DIRTY : 0) | (pte_soft_dirty(pte) ? SWP_SOFT_DIRTY : 0) |
    (pte & _PAGE_UFFD_WP ? SWP_UFFD_WP : 0))

/** The migration entry for a device-private one. These carry no age and no dirt. */
export const migration_entry_of_device = (pte: Pte, pfn: number, exclusive: boolean): Pte =>
  swp_entry(type_of(swp_type(pte) === SWP.DEVICE_WRITE, exclusive), pfn, pte & (SWP_SOFT_DIRTY | SWP_UFFD_WP))

export const is_writable_migration_entry = (pte: Pte): boolean => is_migration_entry(pte) && swp_type(pte) === SWP.MIGRATION_WRITE
export const is_readable_migration_entry = (pte: Pte): boolean => is_migration_entry(pte) && swp_type(pte) === SWP.MIGRATION_READ

/** The present entry that a migration entry becomes: `fresh` is the page with the VMA's protection of now. */
export const from_migration_entry = (fresh: Pte, entry: Pte, vm_flags: number, folio_dirty: boolean): Pte => {
  const soft = pte_swp_soft_dirty(entry) ? pte_mksoft_dirty(fresh) : fresh
  const aged = entry & SWP_YOUNG ? soft : pte_mkold(soft)
  const dirty = folio_dirty && entry & SWP_DIRTY ? pte_mkdirty(aged) : aged
  if (is_writable_migration_entry(entry)) return vm_flags & VM_WRITE ? pte_mkwrite(dirty) : dirty
  return entry & SWP_UFFD_WP ? dirty | _PAGE_UFFD_WP : pte_wrprotect(dirty)
}
