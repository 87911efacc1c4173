import type { Patch } from '../patches.js'

/** Of hugetlbfs: reservations, fork, mremap, truncation and migration. */
export const hugetlbPatches: readonly Patch[] = [
  {
    id: 'hugetlb-reserve-vs-alloc', title: 'mm/hugetlb: handle races in alloc_huge_page and hugetlb_reserve_pages', version: '4.2',
    state: 'merged', changes: 'who finds that another has put a place into the reservation map since it looked corrects the counts',
  },
  {
    id: 'mutant-reserve-unadjusted', title: 'mmap() does not correct the count of reserved pages', version: '6.1', state: 'mutation',
    changes: 'hugetlb_reserve_pages() does not look at what region_add() says',
  },
  {
    id: '4eae4efa2c29', title: 'hugetlb: do early cow when page pinned on src mm', version: '5.12', state: 'merged',
    changes: 'fork() copies a huge page of hugetlbfs at once if the parent may have pinned it',
  },
  {
    id: 'mutant-fork-copy-unchecked', title: 'fork() does not look again after it has copied a huge page', version: '6.1', state: 'mutation',
    changes: 'copy_hugetlb_page_range() installs the child\'s copy whatever the parent\'s entry has become',
  },
  {
    id: 'bcd51a3c679d', title: 'hugetlb: lazy page table copies in fork()', version: '6.1', state: 'merged',
    changes: 'fork() leaves it to faults to map what a child shares with its parent in hugetlbfs',
  },
  {
    id: '3d0b95cd87b2', title: 'mm: hugetlb: considering PMD sharing when flushing cache/TLBs', version: '5.19', state: 'merged',
    changes: 'mremap() of hugetlbfs flushes all that a shared table mapped, not only what moves',
  },
  {
    id: 'hugetlb-move-flush-locked', title: 'mremap() of hugetlbfs flushes before it unlocks the tables', version: '6.1', state: 'proposed',
    changes: 'move_huge_pte() flushes the old address before anybody can find the entry at the new one',
  },
  {
    id: 'bf4916922c60', title: 'hugetlbfs: extend hugetlb_vma_lock to private VMAs', version: '6.6', state: 'merged',
    changes: 'a private mapping of hugetlbfs that has reservations has a lock, as a shared one',
  },
  {
    id: 'mutant-hole-leaves-mapped', title: 'pages of hugetlbfs leave their file mapped', version: '6.1', state: 'mutation',
    changes: 'remove_inode_single_folio() does not unmap again what was mapped since hugetlb_vmdelete_list()',
  },
  {
    id: 'mutant-truncate-without-fault-mutex', title: 'truncation of hugetlbfs does not keep faults out', version: '6.1', state: 'mutation',
    changes: 'remove_inode_hugepages() does not take hugetlb_fault_mutex',
  },
]
