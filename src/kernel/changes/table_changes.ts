import type { Change } from './change.js'

/** Page tables that go while the memory they mapped stays, and who else may be in them. */
export const tableChanges: readonly Change[] = [
  {
    id: '98c76c9f1ef7', title: 'mm/khugepaged: recover from poisoned anonymous memory', version: '6.4', since: '6.12',
    changes: 'khugepaged copies all pages before the first of them loses its mapping, not one after the other',
  },
  {
    id: '1043173eb5eb', title: 'mm/khugepaged: collapse_pte_mapped_thp() with mmap_read_lock()', version: '6.6', since: '6.12',
    changes: 'MADV_COLLAPSE takes an emptied page table of a file away with its own locks and that of the PMD, and the mmap_lock for reading; it is freed by RCU',
  },
  {
    id: 'pt-reclaim', title: 'mm: pgtable: reclaim empty PTE page in madvise(MADV_DONTNEED)', version: '6.14', since: '7.2',
    changes: 'a page table that MADV_DONTNEED has emptied leaves the tree under its own lock and that of the PMD, and is freed by RCU after the flush',
  },
  {
    id: 'f39edcf6349a', title: 'mm: pgtable: fix incorrect reclaim of non-empty PTE pages', version: '6.14', since: '7.2',
    changes: 'a table that was unlocked between two parts of a zap is looked through before it is taken for empty',
  },
  {
    id: 'retract-pmd-recheck', title: 'mm: khugepaged: recheck pmd state in retract_page_tables()', version: '6.14', since: '7.2',
    changes: 'retract_page_tables() looks whether there still is a page table when it has the PMD lock',
  },
  {
    id: 'madvise-shared-gather', title: 'mm/madvise: batch tlb flushes for MADV_DONTNEED and MADV_FREE', version: '6.16', since: '7.2',
    changes: 'one gather for all VMAs of a call: where VMAs are merged the TLB is flushed once, at its end',
  },
  {
    id: 'free-vmas-flush', title: 'mm: fix the race between unmap_mapping_range() and munmap() of PFN mappings, one flush for all (tlb_free_vmas)', version: '6.17', since: '7.2',
    changes: 'munmap() flushes PFN mappings once, before the first VMA leaves its file, and not at the end of each VMA that was zapped',
  },
  {
    id: 'table-sync-rcu', title: 'mm: tables without a batch wait for a grace period (tlb_remove_table_sync_rcu)', version: '7.0', since: '7.2',
    changes: 'a gather that has no memory for a batch calls synchronize_rcu() before it frees a table, where it sent IPIs; with pt-reclaim it leaves the table to call_rcu()',
  },
  {
    id: 'mutant-collapse-keeps-entries', title: 'MADV_COLLAPSE drops mappings and leaves their entries', version: '6.6', mutation: true,
    changes: 'collapse_pte_mapped_thp() counts the parts of the huge page as unmapped, and clears no entry of the table before it unlocks that',
  },
  {
    id: 'mutant-free-vmas-flush-late', title: 'munmap() flushes PFN mappings when their VMA has left its file', version: '6.17', mutation: true,
    changes: 'free_pgtables() calls tlb_free_vmas() after it has unlinked the VMA, not before',
  },
  {
    id: 'mutant-reclaim-waits-for-pmd-lock', title: 'a zap waits for the PMD lock with a page table locked', version: '6.14', mutation: true,
    changes: 'zap_empty_pte_table() takes the PMD lock, which others take first, where it should only try',
  },
  {
    id: 'mutant-reclaim-looks-not', title: 'a page table that was unlocked is taken for empty', version: '6.14', mutation: true,
    changes: 'zap_pte_table_if_empty() does not look through the entries',
  },
]
