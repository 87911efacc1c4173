import {
  _PAGE_ACCESSED, _PAGE_DEVMAP, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_PROTNONE, _PAGE_PSE, _PAGE_RW, _PAGE_SOFT_DIRTY, _PAGE_SPECIAL,
  _PAGE_UFFD_WP, _PAGE_USER, PFN_SHIFT,
} from '../../machine/pte.js'

export {
  _PAGE_ACCESSED, _PAGE_DEVMAP, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_PROTNONE, _PAGE_PSE, _PAGE_RW, _PAGE_SOFT_DIRTY, _PAGE_SPECIAL,
  _PAGE_UFFD_WP, _PAGE_USER, PFN_SHIFT,
} from '../../machine/pte.js'

/** The bits of an entry that points to a table. */
export const _PAGE_TABLE = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY
export const FLAGS_MASK = 0xfff
/** Kept by pte_modify(): all that is not protection. */
const _PAGE_CHG_MASK = ~(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_PROTNONE)

/** A page-table word of any level. */
export type Pte = number
export type Pmd = number

export const pfn_pte = (pfn: number, prot: number): Pte => (pfn << PFN_SHIFT) | prot
export const pte_pfn = (pte: Pte): number => pte >>> PFN_SHIFT
export const pte_none = (pte: Pte): boolean => pte === 0
export const pte_present = (pte: Pte): boolean => (pte & (_PAGE_PRESENT | _PAGE_PROTNONE)) !== 0
export const pte_protnone = (pte: Pte): boolean => (pte & (_PAGE_PROTNONE | _PAGE_PRESENT)) === _PAGE_PROTNONE
export const pte_write = (pte: Pte): boolean => (pte & _PAGE_RW) !== 0
export const pte_dirty = (pte: Pte): boolean => (pte & _PAGE_DIRTY) !== 0
export const pte_young = (pte: Pte): boolean => (pte & _PAGE_ACCESSED) !== 0
export const pte_devmap = (pte: Pte): boolean => (pte & _PAGE_DEVMAP) !== 0
export const pte_special = (pte: Pte): boolean => (pte & _PAGE_SPECIAL) !== 0
export const pte_soft_dirty = (pte: Pte): boolean => (pte & _PAGE_SOFT_DIRTY) !== 0
export const pte_mkwrite = (pte: Pte): Pte => pte | _PAGE_RW
export const pte_wrprotect = (pte: Pte): Pte => pte & ~_PAGE_RW
/** Sets the soft-dirty bit as well, as on x86. */
export const pte_mkdirty = (pte: Pte): Pte => pte | _PAGE_DIRTY | _PAGE_SOFT_DIRTY
export const pte_mkclean = (pte: Pte): Pte => pte & ~_PAGE_DIRTY
export const pte_mkyoung = (pte: Pte): Pte => pte | _PAGE_ACCESSED
export const pte_mkold = (pte: Pte): Pte => pte & ~_PAGE_ACCESSED
export const pte_mkspecial = (pte: Pte): Pte => pte | _PAGE_SPECIAL
export const pte_mksoft_dirty = (pte: Pte): Pte => pte | _PAGE_SOFT_DIRTY
export const pte_clear_soft_dirty = (pte: Pte): Pte => pte & ~_PAGE_SOFT_DIRTY
export const pte_modify = (pte: Pte, prot: number): Pte => (pte & _PAGE_CHG_MASK) | (prot & ~_PAGE_CHG_MASK)

/** Follows the hardware's rule: present for user mode, and writable if asked. */
export const pte_access_permitted = (pte: Pte, write: boolean): boolean => {
  const need = _PAGE_PRESENT | _PAGE_USER | (write ? _PAGE_RW : 0)
  return (pte & need) === need
}

export const pmd_none = pte_none
export const pmd_pfn = pte_pfn
export const pmd_write = pte_write
/** PSE counts: pmdp_invalidate() takes PRESENT and leaves a leaf (arch/x86/include/asm/pgtable.h:pmd_present). */
export const pmd_present = (pmd: Pmd): boolean => (pmd & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_PSE)) !== 0
export const pmd_trans_huge = (pmd: Pmd): boolean => (pmd & _PAGE_PSE) !== 0
/** A swap-like PMD: a migration entry. */
export const is_swap_pmd = (pmd: Pmd): boolean => pmd !== 0 && !pmd_present(pmd)
/** Neither a leaf nor a pointer to a table. */
export const pmd_bad = (pmd: Pmd): boolean => (pmd & FLAGS_MASK & ~(_PAGE_USER | _PAGE_ACCESSED)) !==
  (_PAGE_TABLE & ~(_PAGE_USER | _PAGE_ACCESSED))
export const pmd_mkhuge = (pmd: Pmd): Pmd => pmd | _PAGE_PSE
export const pmd_mkinvalid = (pmd: Pmd): Pmd => pmd & ~(_PAGE_PRESENT | _PAGE_PROTNONE)
