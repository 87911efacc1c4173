import { describe, expect, it } from 'vitest'
import { from_migration_entry, is_readable_migration_entry, is_writable_migration_entry, migration_entry_of } from '../../src/kernel/include/migration_entry.js'
import {
  _PAGE_TABLE, type Pte, is_swap_pmd, pfn_pte, pmd_bad, pmd_mkhuge, pmd_mkinvalid, pmd_none, pmd_pfn, pmd_present, pmd_trans_huge, pte_clear_soft_dirty,
  pte_dirty, pte_mkclean, pte_mkdirty, pte_mkold, pte_mksoft_dirty, pte_mkspecial, pte_mkwrite, pte_mkyoung, pte_none, pte_pfn, pte_present,
  pte_protnone, pte_soft_dirty, pte_special, pte_write, pte_wrprotect, pte_young,
} from '../../src/kernel/include/pgtable.js'
import {
  is_genuine_swap_entry, is_migration_entry, is_swap_pte, pte_swp_exclusive, pte_swp_soft_dirty, SWP, SWP_EXCLUSIVE, SWP_SOFT_DIRTY, swp_entry, swp_offset, swp_type,
} from '../../src/kernel/include/swapops.js'
import { VM_READ, VM_SHARED, VM_WRITE } from '../../src/kernel/include/vm_flags.js'
import { vm_get_page_prot } from '../../src/kernel/mm/mmap/vm_page_prot.js'
import { hardware_present } from '../../src/machine/pte.js'

/* The identities that every architecture's entries have to satisfy, as a kernel checks its own: mm/debug_vm_pgtable.c. */

const PFNS = [0, 1, 5, 0x12345, 0xfffff]
const PROTS = [VM_READ, VM_READ | VM_WRITE, VM_READ | VM_SHARED, VM_READ | VM_WRITE | VM_SHARED].map(vm_get_page_prot)
const small: readonly Pte[] = PFNS.flatMap((pfn) => PROTS.map((prot) => pfn_pte(pfn, prot)))
const both = [...small, ...small.map(pmd_mkhuge)]
const hidden = PFNS.map((pfn) => pfn_pte(pfn, vm_get_page_prot(0)))

/** Identities by the name of their check; each is to hold for every entry. */
const identities: Readonly<Record<string, readonly ((pte: Pte) => boolean)[]>> = {
  'pte_basic_tests, pmd_basic_tests': [
    (pte) => pte_young(pte_mkyoung(pte_mkold(pte))), (pte) => pte_dirty(pte_mkdirty(pte_mkclean(pte))), (pte) => pte_write(pte_mkwrite(pte_wrprotect(pte))),
    (pte) => !pte_young(pte_mkold(pte_mkyoung(pte))), (pte) => !pte_dirty(pte_mkclean(pte_mkdirty(pte))), (pte) => !pte_write(pte_wrprotect(pte_mkwrite(pte))),
    (pte) => !pte_dirty(pte_wrprotect(pte_mkclean(pte))), (pte) => pte_dirty(pte_wrprotect(pte_mkdirty(pte))),
    (pte) => pte_dirty(pte_mkwrite(pte_mkdirty(pte))), (pte) => !pte_dirty(pte_mkwrite(pte_mkclean(pte))), (pte) => pte_write(pte_mkdirty(pte_mkwrite(pte))),
  ],
  'pte_special_tests, pte_soft_dirty_tests': [
    (pte) => pte_special(pte_mkspecial(pte)), (pte) => pte_soft_dirty(pte_mksoft_dirty(pte)), (pte) => !pte_soft_dirty(pte_clear_soft_dirty(pte)),
  ],
  'no change of rights or age moves the page, or makes the entry none':
    [pte_mkold, pte_mkyoung, pte_mkclean, pte_mkdirty, pte_wrprotect, pte_mkwrite, pte_mkspecial, pte_mksoft_dirty].flatMap((change) => [
      (pte: Pte) => pte_pfn(change(pte)) === pte_pfn(pte), (pte: Pte) => !pte_none(change(pte)), (pte: Pte) => pte_present(change(pte)) === pte_present(pte),
    ]),
}

describe.each(Object.entries(identities))('%s', (_, list) => {
  it.each(list.map((identity, i) => [i, identity] as const))('identity %i', (_, identity) => {
    for (const pte of both) expect(identity(pte), pte.toString(16)).toBe(true)
  })
})

it('pte_protnone_tests, pmd_protnone_tests: what PROT_NONE hides is present for software, not for hardware', () => {
  for (const pte of hidden) expect([pte_protnone(pte), pte_present(pte), hardware_present(pte)]).toEqual([true, true, false])
  for (const pmd of hidden.map(pmd_mkhuge)) expect([pte_protnone(pmd), pmd_present(pmd), pmd_trans_huge(pmd), hardware_present(pmd)]).toEqual([true, true, true, false])
})

it('pmd_thp_tests: an entry that is marked invalid stays present and huge for software, not for hardware', () => {
  for (const pmd of [...small, ...hidden].map(pmd_mkhuge)) {
    const marked = pmd_mkinvalid(pmd)
    expect([pmd_present(marked), pmd_trans_huge(marked), is_swap_pmd(marked), hardware_present(marked), pmd_pfn(marked)])
      .toEqual([true, true, false, false, pmd_pfn(pmd)])
  }
})

it('pmd_huge_tests, pmd_populate_tests: a huge entry is no pointer to a table, and one to a table is good', () => {
  for (const pmd of small.map(pmd_mkhuge)) expect(pmd_bad(pmd)).toBe(true)
  for (const pfn of PFNS) {
    const pmd = pfn_pte(pfn, _PAGE_TABLE)
    expect([pmd_bad(pmd), pmd_none(pmd), pmd_trans_huge(pmd), pmd_pfn(pmd)]).toEqual([false, false, false, pfn])
  }
})

it('pte_swap_tests, pte_swap_exclusive_tests: type and offset come back, with and without the marks, and no swap entry looks present', () => {
  for (const type of Object.values(SWP)) {
    for (const offset of PFNS) {
      for (const marks of [0, SWP_EXCLUSIVE, SWP_SOFT_DIRTY, SWP_EXCLUSIVE | SWP_SOFT_DIRTY]) {
        const pte = swp_entry(type, offset, marks)
        expect([swp_type(pte), swp_offset(pte), pte_swp_exclusive(pte), pte_swp_soft_dirty(pte)])
          .toEqual([type, offset, (marks & SWP_EXCLUSIVE) !== 0, (marks & SWP_SOFT_DIRTY) !== 0])
        expect([pte_none(pte), pte_present(pte), pmd_present(pte), is_swap_pte(pte), is_swap_pmd(pte), hardware_present(pte)])
          .toEqual([false, false, false, true, true, false])
        expect(is_genuine_swap_entry(pte)).toBe(type === SWP.SWAP)
      }
    }
  }
})

it('swap_migration_tests: a migration entry tells what the entry was, and becomes it again', () => {
  for (const pte of both) {
    for (const exclusive of [false, true]) {
      const entry = migration_entry_of(pte, pte_pfn(pte), exclusive)
      expect([is_migration_entry(entry), is_writable_migration_entry(entry), is_readable_migration_entry(entry), swp_offset(entry)])
        .toEqual([true, pte_write(pte), !pte_write(pte) && !exclusive, pte_pfn(pte)])
      const back = from_migration_entry(pte, entry, VM_READ | VM_WRITE, true)
      expect([pte_pfn(back), pte_write(back), pte_young(back)]).toEqual([pte_pfn(pte), pte_write(pte), pte_young(pte)])
    }
  }
})
