import type { Change } from './change.js'

/** Changes to what every race runs: page tables, faults, GUP, fork, huge pages, migration. */
export const coreChanges: readonly Change[] = [
  {
    id: 'mutant-no-pte-recheck', title: 'GUP-fast does not look at the PTE again', version: '6.1', mutation: true,
    changes: 'gup_pte_range() keeps the reference whatever has become of the entry',
  },
  {
    id: 'mutant-recheck-before-reference', title: 'GUP-fast looks again too early', version: '6.1', mutation: true,
    changes: 'gup_pte_range() reads PMD and PTE again before it takes the reference',
  },
  {
    id: 'mutant-ipi-before-clear', title: 'khugepaged sends its IPI too early', version: '6.1', mutation: true,
    changes: 'collapse_and_free_pmd() waits for walkers before it takes the table away, not after',
  },
  {
    id: 'mutant-count-before-clear', title: 'reclaim counts before it clears', version: '6.1', mutation: true,
    changes: 'try_to_unmap_one() reads the reference count of MADV_FREE memory before it clears the entry',
  },
  {
    id: 'mutant-flush-pending-late', title: 'gathers announce themselves too late', version: '6.1', mutation: true,
    changes: 'tlb_flush_pending is counted up in tlb_finish_mmu(), after the entries have changed',
  },
  {
    id: 'mutant-seqcount-late', title: 'fork() announces itself too late', version: '6.1', mutation: true,
    changes: 'copy_page_range() makes write_protect_seq odd after it has copied',
  },
  {
    id: 'mutant-mremap-flush-first', title: 'mremap flushes first', version: '6.1', mutation: true,
    changes: 'move_ptes() flushes under the locks, but before it takes the entries out',
  },
  {
    id: 'mutant-has-pinned-late', title: 'MMF_HAS_PINNED is set after the pin', version: '6.1', mutation: true,
    changes: 'GUP says that there may be pins only once it has them',
  },
  {
    id: 'mutant-batched-look-unlocked', title: 'mprotect asks for put-off flushes too early', version: '6.1', mutation: true,
    changes: 'change_pte_range() calls flush_tlb_batched_pending() before it has the page-table lock',
  },
  {
    id: 'mutant-zap-flush-unlocked', title: 'a zap flushes dirty entries without the lock', version: '6.1', mutation: true,
    changes: 'zap_pte_range() drops the page-table lock before it flushes dirty entries of files',
  },
  {
    id: 'mutant-switching-late', title: 'a CPU says too late that it is switching', version: '6.15', mutation: true,
    changes: 'switch_mm_irqs_off() reads how many flushes there were before it says that it is switching',
  },
  {
    id: 'mutant-cow-flag-alone', title: 'a forced write trusts that it has had its copy', version: '5.19', mutation: true,
    changes: 'without 5535be309971: can_follow_write_pte() asks for FOLL_COW only, and not for a dirty entry',
  },
  {
    id: 'mutant-coarse-count', title: 'a write fault is content with few references', version: '6.1', mutation: true,
    changes: 'do_wp_page() reuses a page with up to three references: the two exact looks at the count are left out',
  },
  {
    id: 'mutant-pins-of-child', title: 'fork() asks the wrong process for pins', version: '6.1', mutation: true,
    changes: 'copy_present_pte() looks for MMF_HAS_PINNED in the child, not in the parent',
  },
  {
    id: 'mutant-share-before-clear', title: 'migration looks for pins too early', version: '6.1', mutation: true,
    changes: 'try_to_migrate_one() looks for pins and clears PG_anon_exclusive before it clears the entry',
  },
  {
    id: 'mutant-hint-set-unlocked', title: 'the NUMA scanner drops the lock too early', version: '6.1', mutation: true,
    changes: 'change_huge_pmd() writes the new entry without the PMD lock that it held to invalidate the old one',
  },
  {
    id: 'mutant-tables-unsaid', title: 'a flush does not say that tables are freed', version: '6.1', mutation: true,
    changes: 'tlb_flush() of a gather is called without freed_tables: lazy CPUs and walk caches are left alone',
  },
  {
    id: 'mutant-dirty-unlocked', title: 'whoever wrote to a page dirties it without its lock', version: '6.1', mutation: true,
    changes: 'set_page_dirty_lock() does not take the folio lock',
  },
  {
    id: 'mutant-unshare-sync-late', title: 'unsharing waits for walkers too late', version: '6.1', mutation: true,
    changes: 'after huge_pmd_unshare_flush() the IPI is sent when i_mmap_rwsem is free again, not before',
  },
  {
    id: 'mutant-swapcache-clear-early', title: 'a direct swap-in gives its claim up too early', version: '6.1', mutation: true,
    changes: 'do_swap_page() calls swapcache_clear() before it takes the page-table lock',
  },
  {
    id: 'mutant-unsharing-unsaid', title: 'a flush does not say that tables were unshared', version: '6.1', mutation: true,
    changes: 'tlb_flush() of a gather pays no heed to unshared_tables: walk caches are left alone',
  },
  {
    id: '19be0eaffa3a', title: 'mm: remove gup_flags FOLL_WRITE games from __get_user_pages()', version: '4.9', cve: 'CVE-2016-5195',
    since: '6.1', changes: 'a forced write goes on asking for write permission after its fault',
  },
  {
    id: '5535be309971', title: 'mm/gup: fix FOLL_FORCE COW security issue and remove FOLL_COW', version: '6.0', cve: 'CVE-2022-2590', since: '6.1',
    changes: 'a forced write follows a read-only entry to an exclusive page; until then, after its fault, to any that is dirty',
  },
  {
    id: '70cbc3cc78a9', title: 'mm: gup: fix the fast GUP race against THP collapse', version: '6.0', since: '6.1',
    changes: 'gup_pte_range() reads the PMD again after it took the reference',
  },
  {
    id: '2ba99c5e0881', title: 'mm/khugepaged: fix GUP-fast interaction by sending IPI', version: '6.1',
    since: '6.1', changes: 'khugepaged sends IPIs after it cleared the PMD',
  },
  {
    id: 'bedf03416913', title: 'powerpc/64s/radix: don\'t need to broadcast IPI for radix pmd collapse flush', version: '6.0',
    since: '6.1', changes: 'radix__pmdp_collapse_flush() no longer waits for IPIs',
  },
  {
    id: '6c287605fd56', title: 'mm: remember exclusively mapped anonymous pages with PG_anon_exclusive', version: '5.19', since: '6.1',
    changes: 'pages say whether they are exclusive: then they are written to, and if they may be pinned not swapped out, migrated or merged; without, write faults go by counts',
  },
  {
    id: 'mutant-share-pinned', title: 'an exclusive page is made shared whoever has pinned it', version: '6.1', mutation: true,
    changes: 'page_try_share_anon_rmap() does not look for pins',
  },
  {
    id: '3ea277194daa', title: 'mm, mprotect: flush TLB if potentially racing with a parallel reclaim leaving stale TLB entries', version: '4.13',
    since: '6.1', changes: 'whoever changes entries under the page-table lock first makes good for flushes that reclaim has put off',
  },
  {
    id: '20841405940e', title: 'mm: fix TLB flush race between migration, and change_protection_range', version: '3.13', since: '6.1',
    changes: 'ptep_clear_flush() of an entry with a NUMA hint flushes if the flush of who set the hint may still be to come',
  },
  {
    id: 'mutant-copy-before-clear', title: 'a copy is mapped over the page it was made of', version: '6.1', mutation: true,
    changes: 'wp_page_copy() flushes after it has set the new entry, without an invalid one in between',
  },
  {
    id: '7a30df49f63a', title: 'mm: mmu_gather: remove __tlb_reset_range() for force flush', version: '5.2', since: '6.1',
    changes: 'the flush of everything that tlb_finish_mmu() makes beside another gather says that tables are freed',
  },
  {
    id: '9e52fc2b50de', title: 'x86/mm: Enable RCU based page table freeing (CONFIG_HAVE_RCU_TABLE_FREE=y)', version: '4.14', since: '6.1',
    changes: 'page tables are freed by RCU on x86 under a hypervisor, whose flush sends no IPI',
  },
  {
    id: '0ed1325967ab', title: 'mm/mmu_gather: invalidate TLB correctly on batch allocation failure and flush', version: '5.6', since: '6.1',
    changes: 'a gather flushes before it frees a table for which it has no batch; geometry.gatherTables: 0',
  },
  {
    id: 'mutant-no-grace-period', title: 'page tables are freed right after the flush', version: '6.1', mutation: true,
    changes: 'tlb_remove_table() frees tables at once where they should go to RCU',
  },
  {
    id: '99baac21e458', title: 'mm: fix MADV_[FREE|DONTNEED] TLB flush miss problem', version: '4.13', since: '6.1',
    changes: 'tlb_finish_mmu() flushes everything when another gather of the mm is under way',
  },
  {
    id: 'eb66ae030829', title: 'mremap: properly flush TLB before releasing the page', version: '4.19', cve: 'CVE-2018-18281', since: '6.1',
    changes: 'move_ptes() flushes before it drops the page-table locks',
  },
  {
    id: '1cf35d47712d', title: 'mm: split \'tlb_flush_mmu()\' into tlb flushing and memory freeing parts', version: '3.15', since: '6.1',
    changes: 'zap_pte_range() flushes under the lock when it cleared a dirty entry of a file',
  },
  {
    id: '5df397dec7c4', title: 'mm: delay page_remove_rmap() until after the TLB has been flushed', version: '6.2', since: '6.12',
    changes: 'zap_pte_range() keeps a dirty page of a file mapped, as page_mkclean() sees it, until the flush is done',
  },
  {
    id: 'b67fbebd4cf9', title: 'mmu_gather: Force tlb-flush VM_PFNMAP vmas', version: '5.19', cve: 'CVE-2022-39188', since: '6.1',
    changes: 'tlb_end_vma() flushes PFN mappings on every architecture',
  },
  {
    id: '6c8e2a256915', title: 'mm: fix race between MADV_FREE reclaim and blkdev direct IO read', version: '5.18', since: '6.1',
    changes: 'try_to_unmap_one() does not throw MADV_FREE memory away that somebody holds a reference to',
  },
  {
    id: '8fde12ca79af', title: 'mm: prevent get_user_pages() from overflowing page refcount', version: '5.1', cve: 'CVE-2019-11487', since: '6.1',
    changes: 'GUP takes no reference to a page whose count is not positive; geometry.refcountBits brings that within reach',
  },
  {
    id: '15fab63e1e57', title: 'fs: prevent page refcount overflow in pipe_buf_get', version: '5.1', cve: 'CVE-2019-11487', since: '6.1',
    changes: 'tee() takes no reference to a page whose count is not positive; geometry.refcountBits brings that within reach',
  },
  {
    id: 'mutant-refcount-to-the-brim', title: 'tee() refuses a page only when its count is 0', version: '6.1', mutation: true,
    changes: 'try_get_page() uses the negative half of the counter, too',
  },
  {
    id: '57efa1fe5957', title: 'mm/gup: prevent gup_fast from racing with COW during fork', version: '5.11', since: '6.1',
    changes: 'fast GUP gives its pins up when fork() has write-protected meanwhile',
  },
  {
    id: '70e806e4e645', title: 'mm: Do early cow for pinned pages during fork() for ptes', version: '5.9', since: '6.1',
    changes: 'fork() copies a page that may be pinned at once',
  },
  {
    id: '09854ba94c6a', title: 'mm: do_wp_page() simplification', version: '5.9', cve: 'CVE-2020-29374', since: '6.1',
    changes: 'a write fault reuses a page only if nobody else has a reference, not if nobody else maps it',
  },
  {
    id: '3bff7e3f1f16', title: 'mm/huge_memory: streamline COW logic in do_huge_pmd_wp_page()', version: '5.18', since: '6.1',
    changes: 'a write fault reuses a huge page only if nobody else has a reference, not if nobody else maps it',
  },
  {
    id: 'c444eb564fb1', title: 'mm: thp: make the THP mapcount atomic against __split_huge_pmd_locked()', version: '5.8', cve: 'CVE-2020-29368',
    since: '6.1', changes: 'without 3bff7e3f1f16, which made it needless: the page is locked while its mappings move from PMD to PTEs',
  },
  {
    id: 'mutant-mapcount-before-lock', title: 'a fault counts mappings too early', version: '5.17', mutation: true,
    changes: 'do_huge_pmd_wp_page() counts the mappings of the page before it has locked it',
  },
  {
    id: 'ced108037c2a', title: 'thp: fix MADV_DONTNEED vs. numa balancing race', version: '4.11', since: '6.1',
    changes: 'change_huge_pmd() never makes the entry none on its way',
  },
  {
    id: '2b4847e73004', title: 'mm: numa: serialise parallel get_user_page against THP migration', version: '3.13', since: '6.1',
    changes: 'the old migration of huge pages looks at the reference count when it has the PMD lock; see c5b5a3dd2c1f',
  },
  {
    id: 'c5b5a3dd2c1f', title: 'mm: thp: refactor NUMA fault handling', version: '5.14', since: '6.1',
    changes: 'a NUMA hinting fault on a huge page migrates it with migration entries, and not mapped behind its hint',
  },
  {
    id: 'e346e6688c4a', title: 'mm: thp: skip make PMD PROT_NONE if THP migration is not supported', version: '5.14', since: '6.1',
    changes: 'the NUMA scanner leaves huge entries alone where they cannot become migration entries',
  },
  {
    id: 'mutant-count-before-lock', title: 'the old migration of huge pages counts too early', version: '5.13', mutation: true,
    changes: 'migrate_misplaced_transhuge_page() looks at the reference count before it has the PMD lock',
  },
  {
    id: '0d940a9b270b', title: 'mm/pgtable: allow pte_offset_map[_lock]() to fail', version: '6.5', since: '6.12',
    changes: 'whoever looks for a page table may find none any more: it is locked, and then the PMD is read again; until then it stays readable, under RCU',
  },
  {
    id: 'pvmw-pmd-recheck', title: 'mm: page_vma_mapped_walk: map_pte() use pte_offset_map_rw_nolock()', version: '6.14', since: '7.2',
    changes: 'the reverse map looks at the PMD again when it has locked a page table that it has looked into without',
  },
  {
    id: 'mutant-no-pmd-same', title: 'a page table is locked and taken for the one in the tree', version: '6.5', mutation: true,
    changes: 'pte_offset_map_lock() does not read the PMD again when it has the lock',
  },
  {
    id: '1d65b771bc08', title: 'mm/khugepaged: retract_page_tables() without mmap or vma lock', version: '6.6', since: '6.12',
    changes: 'khugepaged takes page tables of a file away with their own locks and not the mmap_lock; they are freed by RCU',
  },
  {
    id: '6fa1066fc5d0', title: 'mm/mremap: fix move_normal_pmd/retract_page_tables race', version: '6.12', cve: 'CVE-2024-50066',
    since: '6.12', changes: 'move_normal_pmd() looks at the entry again when it has the locks, and leaves it if there is no table any more',
  },
  {
    id: 'mutant-pmd-check-before-locks', title: 'mremap looks again before it has the locks', version: '6.12', mutation: true,
    changes: 'move_pgt_entry() reads the PMD once more, but before it takes the rmap locks',
  },
  {
    id: 'mutant-retracted-table-freed', title: 'khugepaged frees a retracted table at once', version: '6.6', mutation: true,
    changes: 'retract_page_tables() of 6.6 does not leave the table to RCU: who has read the PMD locks a table that is free',
  },
  {
    id: 'fea4e317f9e7', title: 'x86/mm: Eliminate window where TLB flushes may be inadvertently skipped', version: '6.15',
    cve: 'CVE-2025-37964', since: '6.1', changes: 'a CPU says that it is switching address spaces before it reads how many flushes there were',
  },
  {
    id: 'd86564a2f085', title: 'mm/tlb, x86/mm: Support invalidating TLB caches for RCU_TABLE_FREE', version: '4.19', since: '6.1',
    changes: 'a gather flushes before it hands page tables to RCU, not only before it frees pages',
  },
  {
    id: '1493a1913e34', title: 'mm/swap: remember PG_anon_exclusive via a swp pte bit', version: '5.19', since: '6.1',
    changes: 'a swap entry says whether its page was exclusive, so that it is again when it comes back',
  },
  {
    id: '13ddaf26be32', title: 'mm/swap: fix race when skipping swapcache', version: '6.8', cve: 'CVE-2024-26759', since: '6.1',
    changes: 'a swap-in past the swap cache claims the slot as one through it does',
  },
  {
    id: '1013af4f585f', title: 'mm/hugetlb: fix huge_pmd_unshare() vs GUP-fast race', version: '6.16', cve: 'CVE-2025-38085',
    since: '6.1', changes: 'the last but one user of a shared page table of hugetlbfs waits for walkers before others may reuse it',
  },
  {
    id: '081056dc00a2', title: 'mm/hugetlb: unshare page tables during VMA split, not before', version: '6.16', cve: 'CVE-2025-38084', since: '6.12',
    changes: 'a VMA of hugetlbfs that is split gives up shared page tables under i_mmap_rwsem; 6.1.y has it before __vma_adjust() takes that',
  },
  {
    id: 'a4a118f2eead', title: 'hugetlbfs: flush TLBs correctly after huge_pmd_unshare', version: '5.16', cve: 'CVE-2021-4002',
    since: '6.1', changes: 'what a page table of hugetlbfs mapped that is unshared is flushed',
  },
  {
    id: '3ef938c35035', title: 'x86/mm: Fix flush_tlb_range() when used for zapping normal PMDs', version: '6.15', since: '6.1',
    changes: 'flush_tlb_range() of x86 is as if tables had been freed: lazy CPUs, whose walkers may be in one, are told as well',
  },
  {
    id: 'unmap-without-drain', title: 'munmap() and exit leave the LRU batch alone', version: '7.2', since: '7.2',
    changes: 'unmapping and freeing gathered pages do not drain the LRU batch of their CPU first',
  },
  {
    id: '670ddd8cdcbd', title: 'mm/mprotect: delete pmd_none_or_clear_bad_unless_trans_huge()', version: '6.5', since: '6.12',
    changes: 'change_pmd_range() does not look again at an entry that was no migration entry, and does not take one for a bad pointer',
  },
]
