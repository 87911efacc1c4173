import {
  _PAGE_DEVMAP, _PAGE_DIRTY, _PAGE_PROTNONE, _PAGE_RW, _PAGE_SPECIAL, _PAGE_UFFD_WP, FLAGS_MASK, PFN_SHIFT, pmd_present, pmd_trans_huge,
  pte_present,
} from './pgtable.js'
import { SWP, swp_type, SWP_UFFD_WP } from './swapops.js'

const BITS = [
  [_PAGE_PROTNONE, 'protnone'], [_PAGE_RW, 'W'], [_PAGE_DIRTY, 'D'], [_PAGE_SPECIAL, 'special'], [_PAGE_DEVMAP, 'devmap'],
  [_PAGE_UFFD_WP, 'uffd-wp'],
] as const

const KINDS: Readonly<Record<number, readonly [before: string, after: string]>> = {
  [SWP.MIGRATION_READ]: ['migrating', ''], [SWP.MIGRATION_READ_EXCLUSIVE]: ['migrating', ' exclusive'],
  [SWP.MIGRATION_WRITE]: ['migrating', ' W'], [SWP.DEVICE_READ]: ['private', ''], [SWP.DEVICE_WRITE]: ['private', ' W'],
  [SWP.DEVICE_EXCLUSIVE_READ]: ["device's", ''], [SWP.DEVICE_EXCLUSIVE_WRITE]: ["device's", ' W'],
}

/** `migrating page7 W`, `private page7` (device memory), `device's page7 W` (for the device alone), or the bits. */
function format_swap(word: number): string {
  const kind = KINDS[swp_type(word)]
  if (!kind) return `swap ${word >>> PFN_SHIFT}/${(word & FLAGS_MASK).toString(16)}`
  return `${kind[0]} page${word >>> PFN_SHIFT}${kind[1]}${word & SWP_UFFD_WP ? ' uffd-wp' : ''}`
}

/** An entry for tables: `none`, `page7 W D`, `huge page4 W`, or what only the kernel can read. */
export const format_word = (word: number): string => {
  if (word === 0) return 'none'
  if (!pmd_present(word)) return format_swap(word)
  const invalid = pmd_trans_huge(word) && !pte_present(word) ? 'invalid ' : ''
  const page = `${invalid}${pmd_trans_huge(word) ? 'huge ' : ''}page${word >>> PFN_SHIFT}`
  return [page, ...BITS.filter(([bit]) => word & bit).map(([, text]) => text)].join(' ')
}

const format_table = (ref: number): string => (ref === 0 ? 'table at 0' : `table${ref - 1}`)

/** An entry of the level above: a huge page, or the table it points to. */
export const format_pmd = (word: number): string =>
  pmd_present(word) && !pmd_trans_huge(word) ? format_table(word >>> PFN_SHIFT) : format_word(word)
