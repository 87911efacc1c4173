import type { Change } from './change.js'

/** Of hugetlbfs: reservations, fork, mremap, truncation and migration. */
export const hugetlbChanges: readonly Change[] = [
  {
    id: 'hugetlb-reserve-vs-alloc', title: 'mm/hugetlb: handle races in alloc_huge_page and hugetlb_reserve_pages', version: '4.2',
    since: '6.1', changes: 'who finds that another has put a place into the reservation map since it looked corrects the counts',
  },
  {
    id: 'mutant-reserve-unadjusted', title: 'mmap() does not correct the count of reserved pages', version: '6.1', mutation: true,
    changes: 'hugetlb_reserve_pages() does not look at what region_add() says',
  },
  {
    id: '4eae4efa2c29', title: 'hugetlb: do early cow when page pinned on src mm', version: '5.12', since: '6.1',
    changes: 'fork() copies a huge page of hugetlbfs at once if the parent may have pinned it',
  },
  {
    id: 'mutant-fork-copy-unchecked', title: 'fork() does not look again after it has copied a huge page', version: '6.1', mutation: true,
    changes: 'copy_hugetlb_page_range() installs the child\'s copy whatever the parent\'s entry has become',
  },
  {
    id: 'bcd51a3c679d', title: 'hugetlb: lazy page table copies in fork()', version: '6.1', since: '6.1',
    changes: 'fork() leaves it to faults to map what a child shares with its parent in hugetlbfs',
  },
  {
    id: '3d0b95cd87b2', title: 'mm: hugetlb: considering PMD sharing when flushing cache/TLBs', version: '5.19', since: '6.1',
    changes: 'mremap() of hugetlbfs flushes all that a shared table mapped, not only what moves',
  },
  {
    id: 'hugetlb-move-locked', title: 'mremap() of hugetlbfs looks, moves and flushes with the tables locked', version: '6.1',
    changes: 'move_huge_pte() flushes the old address before anybody can find the entry at the new one',
  },
  {
    id: 'mutant-move-looks-unlocked', title: 'mremap() of hugetlbfs looks without the lock', version: '6.1', mutation: true,
    changes: 'move_hugetlb_page_tables() steps over an entry that is none, also while migration is about to write it',
  },
  {
    id: 'hugetlb-move-unshared', title: 'mremap() of hugetlbfs does not look for a table to share', version: '6.1',
    changes: 'move_hugetlb_page_tables(), which holds i_mmap_rwsem, gives the new place a table of its own',
  },
  {
    id: 'hugetlb-unmap-other-address', title: 'hugetlb: the address in other mappings can differ', version: '7.3', since: '7.3',
    changes: 'unmap_ref_private() unmaps the page where the other mapping has it, not at the address of the fault',
  },
]
