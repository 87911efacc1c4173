import {
  _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_PSE, _PAGE_RW, _PAGE_USER, hardware_present, PFN_SHIFT, word_pfn,
} from './pte.js'
import type { HardwareUpdates, Profile } from './profile.js'

const RIGHTS = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_DIRTY
const HARDWARE_BITS = RIGHTS | _PAGE_PSE | (-1 << PFN_SHIFT)

/** What a TLB keeps of a word, which the walker has set ACCESSED in. */
export const cached = (word: number): number => (word & HARDWARE_BITS) | _PAGE_ACCESSED

/**
 * Whether a walk may put the word into a TLB or walk cache. Where hardware sets ACCESSED it may have done so for any
 * present entry just before; where software does, an entry without it faults and is never cached.
 */
export const cacheable = (profile: Profile, word: number): boolean =>
  hardware_present(word) && (profile.hardwareAccessed || (word & _PAGE_ACCESSED) !== 0)

/** Whether a word of this level points to another table. */
export const points_to_table = (word: number, level: number): boolean =>
  level > 0 && hardware_present(word) && !(word & _PAGE_PSE)

/** Both words map the same page, and `b` allows all that `a` does: who may use b gains nothing from a. */
export const covers = (a: number, b: number): boolean =>
  word_pfn(a) === word_pfn(b) && (a & _PAGE_PSE) === (b & _PAGE_PSE) && (a & RIGHTS & ~b) === 0

/** Why an access faults, in the words of Arm. */
export type Fault = 'translation' | 'access-flag' | 'permission'

/**
 * What an access through a word leads to. `update`: not before ACCESSED or DIRTY is set in the entry itself, which
 * hardware does for the entry that is current, never for a cached one.
 */
export function access(updates: HardwareUpdates, word: number, write: boolean): 'ok' | 'update' | Fault {
  if (!hardware_present(word)) return 'translation'
  const noAccessed = !(word & _PAGE_ACCESSED)
  if (noAccessed && !updates.hardwareAccessed) return 'access-flag'
  if (!(word & _PAGE_USER) || (write && !(word & _PAGE_RW))) return 'permission'
  const noDirty = write && !(word & _PAGE_DIRTY)
  if (noDirty && !updates.hardwareDirty) return 'permission'
  return noAccessed || noDirty ? 'update' : 'ok'
}
