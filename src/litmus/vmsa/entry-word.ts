import {
  _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, _PAGE_SOFT_DIRTY, _PAGE_USER, hardware_present, PFN_SHIFT, word_pfn,
} from '../../machine/pte.js'
import type { TlbRules } from '../../machine/tlb-rules.js'
import type { PteFields } from './ast.js'

/** DBM is kept where the kernel model has a software bit: hardware reads it through RW alone. */
const DBM = _PAGE_SOFT_DIRTY

/**
 * An Armv8 stage 1 entry in the words of the machine. DB (AP[2] inverted) is DIRTY; an entry with DB or DBM is RW,
 * as a store through it succeeds at once or after hardware has set DB.
 */
export function entryWord(pfn: number, { valid = 1, af = 1, db = 1, dbm = 0 }: PteFields): number {
  const bits = (valid && _PAGE_PRESENT) | (af && _PAGE_ACCESSED) | (db && _PAGE_DIRTY) | (dbm && DBM)
  return (pfn << PFN_SHIFT) | _PAGE_USER | withRw(bits)
}

const withRw = (bits: number): number => (bits & ~_PAGE_RW) | (bits & (_PAGE_DIRTY | DBM) ? _PAGE_RW : 0)

/** Bits of an Armv8 entry that instructions may compute with, and the machine's. */
const VALID = 2 ** 0
/** AP[1]: every entry of a test lets EL0 in. */
const EL0 = 2 ** 6
const AP2 = 2 ** 7
const AF = 2 ** 10
const ARM_DBM = 2 ** 51

/** The machine's word as Arm bits, the page left out: what AND, LDSET and LDCLR work on. */
export const armBits = (word: number): number =>
  EL0 + (word & _PAGE_PRESENT ? VALID : 0) + (word & _PAGE_DIRTY ? 0 : AP2) + (word & _PAGE_ACCESSED ? AF : 0) + (word & DBM ? ARM_DBM : 0)

const has = (value: number, bit: number): boolean => Math.floor(value / bit) % 2 === 1

/** The entry after bits of `mask` (as Arm has them) were set, cleared or flipped. */
export function changeBits(word: number, mask: number, how: 'set' | 'clear' | 'xor'): number {
  const now = armBits(word)
  const after = (bit: number): number => {
    if (!has(mask, bit)) return has(now, bit) ? 1 : 0
    return how === 'set' || (how === 'xor' && !has(now, bit)) ? 1 : 0
  }
  return entryWord(word_pfn(word), { valid: after(VALID), af: after(AF), db: 1 - after(AP2), dbm: after(ARM_DBM) })
}

/** What the architecture lets a TLB hold: entries that are valid and have AF, exactly as they were. */
export const vmsaRules: TlbRules = {
  cacheable: (word) => hardware_present(word) && (word & _PAGE_ACCESSED) !== 0,
  cached: (word) => word,
  covers: (a, b) => a === b,
  ahead: true,
  staleFaults: true,
}

/** `(oa:phy_x, valid:0)`: the fields that differ from the default. */
export function formatEntry(word: number, nameOfPage: (pfn: number) => string): string {
  const flag = (name: string, bit: number, normal: boolean): string =>
    ((word & bit) !== 0) === normal ? '' : `, ${name}:${normal ? 0 : 1}`
  return `(oa:phy_${nameOfPage(word_pfn(word))}${flag('valid', _PAGE_PRESENT, true)}${flag('af', _PAGE_ACCESSED, true)}` +
    `${flag('db', _PAGE_DIRTY, true)}${flag('dbm', DBM, false)})`
}

/** Whether an integer in a register is an entry: data is smaller, addresses have no such bits or are larger. */
export const isEntryWord = (value: number): boolean =>
  value >= 1 << PFN_SHIFT && value < 1 << 28 && (value & _PAGE_USER) !== 0

/** What a store of any integer leaves in an entry: an entry as it is; other integers by their Arm bits, page 0. */
export const storedWord = (value: number): number =>
  isEntryWord(value) ? value : changeBits(entryWord(0, { valid: 0, af: 0, db: 1 }), value, 'set')
