import { move_present_ptes_6_12 } from '../mm/userfaultfd/move_present_ptes.6.12.js'
import { move_present_ptes } from '../mm/userfaultfd/move_present_ptes.js'
import type { Change } from './change.js'

/** Folios of any size, userfaultfd, guard regions: what came after 6.1. */
export const folioChanges: readonly Change[] = [
  {
    id: 'uffd-move-batch', title: 'userfaultfd: opportunistic TLB-flush batching for present pages in MOVE', version: '6.18', since: '7.2',
    changes: 'UFFDIO_MOVE clears as many entries as it can, and flushes once; before, it moved a page at a time and flushed each before it looked for pins',
    replace: [[move_present_ptes_6_12, move_present_ptes]],
  },
  {
    id: 'uffd-move-dst-pmd', title: 'mm: userfaultfd: move_pages_pte() use pte_offset_map_rw_nolock()', version: '6.13', since: '7.2',
    changes: 'UFFDIO_MOVE looks with the locks whether the table of the destination is still in its place',
  },
  {
    id: 'uffd-move-split-busy', title: 'userfaultfd: UFFDIO_MOVE does not retry for ever where a huge page cannot be split', version: '7.3', since: '7.3',
    changes: 'who holds another reference to a huge page makes UFFDIO_MOVE fail with EBUSY; before, it tried again',
  },
  {
    id: 'anon-walk-folio-locked', title: 'mm: always lock folios to walk the rmap of anonymous memory', version: '6.18', since: '7.2',
    changes: 'UFFDIO_MOVE does not take the lock of the anon_vma',
  },
  {
    id: '0ea148a79919', title: 'mm: userfaultfd: fix race of userfaultfd_move and swap cache', version: '6.16', cve: 'CVE-2025-38242', since: '6.12',
    changes: 'UFFDIO_MOVE of a swap entry looks with the locks whether the folio that it found is still that of the slot, or whether one has come meanwhile',
  },
  {
    id: 'be6e843fc51a', title: 'mm/huge_memory: fix dereferencing invalid pmd migration entry', version: '6.15', cve: 'CVE-2025-37958', since: '6.1',
    changes: '__split_huge_pmd() of a certain folio leaves a migration entry alone, and does not look for its page',
  },
  {
    id: 'unmap-splits-in-walk', title: 'mm/rmap: integrate PMD-mapped folio splitting into pagewalk loop', version: '6.11', since: '6.12',
    changes: 'try_to_unmap_one() splits the huge entry that it has found to map the folio, under the lock by which it found it',
  },
  {
    id: 'migrate-splits-in-walk', title: 'mm/rmap: try_to_migrate() splits huge entries in its walk', version: '7.0', since: '7.2',
    changes: 'try_to_migrate_one() splits the huge entry that it has found to map the folio: nobody looks at entries of other folios any more',
  },
  {
    id: 'huge-zap-flushes-first', title: 'a zap flushes a dirty huge entry before its page counts as unmapped', version: '7.3',
    changes: 'zap_huge_pmd() flushes under the PMD lock where the entry was dirty, as zap_pte_range() does for small ones',
  },
  {
    id: 'collapse-keeps-dirty', title: 'khugepaged takes dirty bits of entries that a huge one replaces', version: '7.3',
    changes: 'collapse_pte_mapped_thp() marks the folio dirty where an entry was; as released it takes for granted that it is dirty already',
  },
  {
    id: 'guard-regions', title: 'mm: madvise: lightweight guard pages', version: '6.13', since: '7.2',
    changes: 'MADV_GUARD_INSTALL and _REMOVE; markers stay where memory is given back, and khugepaged leaves their tables alone (files since 6.15)',
  },
  {
    id: 'mseal', title: 'mseal: add mseal syscall', version: '6.10', since: '6.12',
    changes: 'sealed mappings: munmap(), mremap(), mprotect() and giving memory back fail with EPERM',
  },
  {
    id: 'mutant-guard-looks-early', title: 'who installs guard pages looks before he has the lock', version: '7.3', mutation: true,
    changes: 'walk_pte_range() believes that an entry is none which it was before it took the page-table lock',
  },
  {
    id: 'mutant-guard-flag-late', title: 'who installs guard pages says so too late', version: '7.3', mutation: true,
    changes: 'madvise_guard_install() sets VMA_MAYBE_GUARD when the markers are there already',
  },
  {
    id: 'mutant-retract-looks-early', title: 'khugepaged looks for guard pages before it has the locks', version: '7.3', mutation: true,
    changes: 'retract_page_tables() looks at VMA_MAYBE_GUARD before it takes the page-table lock, and not after',
  },
  {
    id: 'mutant-split-looks-early', title: 'who splits a huge entry looks for migration before it has the lock', version: '6.15', mutation: true,
    changes: '__split_huge_pmd() asks whether it is a migration entry before it takes the PMD lock',
  },
  {
    id: 'mutant-uffd-move-pins-first', title: 'UFFDIO_MOVE looks for pins before it clears the entry only', version: '6.12', mutation: true,
    changes: 'move_present_ptes() does not look again when GUP-fast cannot find the entry any more',
  },
  {
    id: 'mutant-uffd-move-flush-late', title: 'UFFDIO_MOVE flushes without the locks', version: '6.12', mutation: true,
    changes: 'move_present_ptes() drops the page-table locks before it flushes',
  },
  {
    id: 'mutant-uffd-move-folio-first', title: 'UFFDIO_MOVE looks too early whose the slot is', version: '6.16', mutation: true,
    changes: 'move_pages_ptes() looks whether the folio has the slot of the entry before it has locked it, and not after',
  },
  {
    id: 'mutant-uffd-move-index', title: 'UFFDIO_MOVE leaves the index of the page', version: '6.12', mutation: true,
    changes: 'move_present_ptes() does not tell the folio where it is mapped now',
  },
]
