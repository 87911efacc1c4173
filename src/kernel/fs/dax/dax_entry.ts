import type { Access } from '../../../engine/model/memory.js'
import { atomic, Blocked, clearBits, type Step } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { has, kernel } from '../../kernel.js'

/** What an entry of a DAX file says beside its frame: who changes it locks it, and it may be a huge one. */
export const DAX_LOCKED = 1 << 0
export const DAX_PMD = 1 << 1
/** Marks of the xarray. */
export const PAGECACHE_TAG_DIRTY = 1 << 2
export const PAGECACHE_TAG_TOWRITE = 1 << 3

const NAMES = [[DAX_LOCKED, 'L'], [DAX_PMD, 'PMD'], [PAGECACHE_TAG_DIRTY, 'D'], [PAGECACHE_TAG_TOWRITE, 'W']] as const

/** For tables: `L PMD D`. */
export const format_dax_entry = (word: number): string =>
  NAMES.filter(([bit]) => word & bit).map(([, name]) => name).join(' ') || '-'

const firstOf = (index: number): number => index - (index % kernel().geometry.ptrsPerPte)

/** Where the entry is that covers an index of the file. */
export const dax_entry_index = (m: Pick<Access, 'get'>, { dax_entries }: AddressSpace, index: number): number =>
  m.get(dax_entries[firstOf(index)]!) & DAX_PMD ? firstOf(index) : index

/** Whether what is at this index has to be written to the medium yet. */
export const dax_is_dirty = (m: Pick<Access, 'get'>, mapping: AddressSpace, index: number): boolean =>
  (m.get(mapping.dax_entries[dax_entry_index(m, mapping, index)]!) & PAGECACHE_TAG_DIRTY) !== 0

/** Entries that would have to be made one for a huge one: fs/dax.c:dax_is_conflict. */
const conflict = (m: Pick<Access, 'get'>, { dax_entries, i_pages }: AddressSpace, first: number): boolean =>
  !(m.get(dax_entries[first]!) & DAX_PMD) && i_pages.slice(first, first + kernel().geometry.ptrsPerPte).some((slot) => m.get(slot) !== 0)

/**
 * fs/dax.c:grab_mapping_entry: the entry that covers an index, locked and made if it is not there; its index. Undefined: there
 * are small ones where a huge one is asked for.
 */
export const grab_mapping_entry = (mapping: AddressSpace, index: number, huge: boolean): Step<number | undefined> =>
  atomic('entry = grab_mapping_entry()', (m) => {
    if (huge && conflict(m, mapping, firstOf(index))) return undefined
    const at = huge ? firstOf(index) : dax_entry_index(m, mapping, index)
    const word = m.get(mapping.dax_entries[at]!)
    const unlocked = has('mutant-dax-fault-unlocked')
    if (word & DAX_LOCKED && !unlocked) return new Blocked('the entry is locked')
    m.set(mapping.dax_entries[at]!, word | (unlocked ? 0 : DAX_LOCKED) | (huge ? DAX_PMD : 0))
    return at
  })

/** fs/dax.c:dax_unlock_entry */
export const dax_unlock_entry = (mapping: AddressSpace, at: number): Step =>
  clearBits(mapping.dax_entries[at]!, has('mutant-dax-fault-unlocked') ? 0 : DAX_LOCKED, { label: 'dax_unlock_entry()' })

/**
 * fs/dax.c:wait_entry_unlocked_exclusive, in a loop over entries: waits until nobody changes the entry. Before 6.15 such a
 * loop called get_unlocked_entry() for one that is locked, which then looks behind it in the same node, finds nothing,
 * and the entry counts as none.
 */
export const wait_entry_unlocked = (mapping: AddressSpace, index: number): Step<number | undefined> =>
  look_up(mapping, index, has('6be3e21d25ca'))

/** fs/dax.c:get_unlocked_entry of an index: waits until nobody changes the entry. It has the frame, or none. */
export const get_unlocked_entry = (mapping: AddressSpace, index: number): Step<number | undefined> => look_up(mapping, index, true)

const look_up = (mapping: AddressSpace, index: number, waits: boolean): Step<number | undefined> =>
  atomic('entry = get_unlocked_entry()', (m) => {
    if (m.get(mapping.dax_entries[dax_entry_index(m, mapping, index)]!) & DAX_LOCKED) {
      return waits ? new Blocked('the entry is locked') : undefined
    }
    const pfn = m.get(mapping.i_pages[index]!) - 1
    return pfn < 0 ? undefined : pfn
  })
