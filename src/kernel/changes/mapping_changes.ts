import type { Change } from './change.js'

/** Mappings of drivers: PFNs, TTM, vfio, DAX, P2PDMA, and what GUP and KVM make of them. */
export const mappingChanges: readonly Change[] = [
  {
    id: 'huge-zero-wp', title: 'mm: huge_memory: a huge page on a write to the huge zero page', version: '7.2', since: '7.2',
    changes: 'do_huge_zero_wp_pmd() puts a huge page in the place of the huge zero page; before, its mapping was split',
  },
  {
    id: 'collapse-read-only', title: 'mm/khugepaged: collapse of memory without a writable entry', version: '7.2', since: '7.2',
    changes: 'a huge page is made whether or not one of the small entries may be written',
  },
  {
    id: 'mremap-several', title: 'mm/mremap: permit mremap() move of multiple VMAs', version: '6.17', since: '7.2',
    changes: 'mremap() to a fixed place moves all VMAs of a range, one by one; before, a range that left its VMA was refused, after the target was unmapped',
  },
  {
    id: 'anon-merge-unfaulted', title: 'mm/vma: fix incorrectly disallowed anonymous VMA merges', version: '6.16', since: '7.2',
    changes: 'a VMA with an anon_vma becomes part of a neighbour that has none yet; before, only the other way round',
  },
  {
    id: 'mremap-merges-others', title: 'mm: mremap() with MREMAP_DONTUNMAP may merge its target with a third VMA', version: '6.12', since: '6.12',
    changes: 'copy_vma() leaves the source out of merging; 6.1.192 merges with nobody where the source is beside the target',
  },
  {
    id: 'collapse-of-nothing', title: 'mm/khugepaged: MADV_COLLAPSE of less than a huge page has nothing to do', version: '7.2', since: '7.2',
    changes: 'madvise_collapse() succeeds where no huge page lies in the range; before, it was EINVAL',
  },
  {
    id: 'huge-special', title: 'mm/gup: detect huge pfnmap entries in gup-fast', version: '6.12', since: '6.12',
    changes: 'gup_huge_pmd() leaves huge entries alone that are special, as those of PFN maps are',
  },
  {
    id: 'huge-zero-special', title: 'mm: the huge zero page is mapped by a special entry', version: '7.2', since: '7.2',
    changes: 'set_huge_zero_page() makes a special entry: GUP-fast does not take the huge zero page',
  },
  {
    id: 'gup-longterm-unlockable', title: 'mm/gup: long-term pins may drop the mmap_lock', version: '6.3', since: '6.12',
    changes: 'pin_user_pages_fast() with FOLL_LONGTERM marks pages accessed, and its faults may drop the mmap_lock, as those of other pins',
  },
  {
    id: 'split-carries-dirty', title: 'mm/thp: carry over dirty bit when thp splits on pmd', version: '6.2', since: '6.12',
    changes: '__split_huge_pmd_locked() makes small entries as dirty as the huge one (and soft-dirty with it)',
  },
  {
    id: 'mlock-large', title: 'mm: mlock of folios of any size', version: '6.7', since: '6.12',
    changes: 'a folio of which a part is unmapped from a locked VMA is munlocked at once, and reclaim puts it right',
  },
  {
    id: 'mprotect-unaccount', title: 'mm/mprotect: memory that was never written is not accounted any more', version: '6.12', since: '6.12',
    changes: 'mprotect_fixup() takes VM_ACCOUNT from anonymous memory without pages that becomes read-only',
  },
  {
    id: 'populate-range', title: 'mm/madvise: populating does not walk VMAs', version: '6.12', since: '6.12',
    changes: 'MADV_POPULATE_READ and _WRITE stop at the first hole; before, they went on behind it',
  },
  {
    id: 'mutant-prefault-unlocked', title: 'TTM maps the pages around a fault without the reservation', version: '6.1', mutation: true,
    changes: 'ttm_bo_vm_fault_reserved() drops the reservation when it has mapped the page that was asked for',
  },
  {
    id: 'mutant-no-pmd-recheck', title: 'GUP-fast does not look at a huge entry of a device again', version: '6.1', mutation: true,
    changes: '__gup_device_huge_pmd() keeps its references whatever has become of the entry',
  },
  {
    id: 'f729c8c9b24f', title: 'dax: wrprotect pmd_t in dax_mapping_entry_mkclean', version: '4.10', since: '6.1',
    changes: 'fsync() of a DAX file write-protects huge entries too',
  },
  {
    id: '06083a0921fd', title: 'dax: fix missing writeprotect the pte entry', version: '5.19', since: '6.1',
    changes: 'fsync() of a DAX file goes to every mapping of a huge extent, not to those of its first page only',
  },
  {
    id: 'mutant-dax-flush-first', title: 'fsync() of a DAX file flushes caches before it write-protects', version: '6.1', mutation: true,
    changes: 'dax_writeback_one() calls dax_flush() before pfn_mkclean_range()',
  },
  {
    id: 'mutant-dax-fault-unlocked', title: 'a fault does not lock the entry of a DAX file', version: '6.1', mutation: true,
    changes: 'grab_mapping_entry() neither waits for the lock of an entry nor takes it',
  },
  {
    id: 'mutant-mkclean-unflushed', title: 'page_mkclean() leaves TLBs alone', version: '6.1', mutation: true,
    changes: 'page_vma_mkclean_one() changes small entries without a flush',
  },
  {
    id: 'e1fb4a086495', title: 'dax: remove VM_MIXEDMAP for fsdax and device dax', version: '4.19', since: '6.1',
    changes: 'mappings of DAX memory are no MIXEDMAP: what is done for PFN mappings is not done for them',
  },
  {
    id: 'flush-dax-vmas', title: 'mappings of DAX memory are flushed as PFN mappings are', version: '6.1',
    changes: 'tlb_end_vma() flushes them before their VMA leaves the file',
  },
  {
    id: '50f44ee7248a', title: 'mm/devm_memremap_pages: fix final page put race', version: '5.2', since: '6.1',
    changes: 'memunmap_pages() waits for the last reference to the pagemap before it takes the memory down',
  },
  {
    id: '5bfea2d9b17f', title: 'mm: Fix mremap not considering huge pmd devmap', version: '5.8', cve: 'CVE-2020-10757', since: '6.1',
    changes: 'move_page_tables() takes a huge entry of device memory for what it is, not for a page table',
  },
  {
    id: 'f8be156be163', title: 'KVM: do not allow mapping valid but non-reference-counted pages', version: '5.13', cve: 'CVE-2021-22543',
    since: '6.1', changes: 'KVM takes a page of a PFN mapping only if somebody counts its references',
  },
  {
    id: 'mutant-move-huge-flush-late', title: 'mremap of a huge entry flushes too late', version: '6.1', mutation: true,
    changes: 'move_huge_pmd() flushes when it has dropped the PMD lock',
  },
  {
    id: 'mutant-kvm-maps-without-reference', title: 'KVM maps a page of which it got no reference', version: '6.1', mutation: true,
    changes: 'hva_to_pfn_remapped() does not care that kvm_try_get_pfn() fails, and its caller drops a reference all the same',
  },
  {
    id: 'mutant-base-references-kept', title: 'a pagemap waits for its own references', version: '6.1', mutation: true,
    changes: 'memunmap_pages() does not drop the references that stand for its pages before it waits for the last one',
  },
  {
    id: 'mutant-vfio-unlocks-early', title: 'a fault handler of vfio looks, unlocks, and maps', version: '6.1', mutation: true,
    changes: 'vfio_pci_mmap_fault() drops memory_lock before it puts the BAR into the page tables',
  },
  {
    id: 'aac6db75a9fc', title: 'vfio/pci: Use unmap_mapping_range()', version: '6.10', since: '6.12',
    changes: 'no list of VMAs: faults map one page under memory_lock, a reset calls unmap_mapping_range() under it',
  },
  {
    id: 'mutant-vfio-memory-lock-outside', title: 'vfio takes memory_lock before it goes through the VMAs', version: '6.1', mutation: true,
    changes: 'a reset holds memory_lock for writing when it takes the mmap_lock, which faults hold when they take memory_lock',
  },
  {
    id: 'mutant-vfio-zaps-early', title: 'vfio unmaps before it takes the lock', version: '6.1', mutation: true,
    changes: 'a reset holds neither lock between the zap and memory_lock, which it takes for writing',
  },
  {
    id: 'mutant-gate-slow-only', title: 'GUP-fast lets everybody have PCI memory', version: '6.2', mutation: true,
    changes: 'try_grab_folio() does not ask for FOLL_PCI_P2PDMA, only try_grab_page() does',
  },
  {
    id: 'mutant-pfn-not-special', title: 'an entry of a PFN mapping is not marked', version: '6.1', mutation: true,
    changes: 'insert_pfn() does not set the special bit',
  },
  {
    id: 'pages-through-rcu', title: 'pages are freed through RCU, as page tables are', version: '6.1',
    changes: 'the last put_page() of a page gives it to call_rcu()',
  },
  {
    id: 'pgmap-waits-for-pages', title: 'a pagemap goes when the last reference to a page of it is gone', version: '5.17',
    changes: 'memunmap_pages() drops its own reference to each page, and each page keeps the pagemap, as before 5.18',
  },
  {
    id: '5fac7408d828', title: 'mm, fs, dax: handle layout changes to pinned dax mappings', version: '4.18', since: '6.1',
    changes: 'truncate of a DAX file waits until every page of it is idle',
  },
  {
    id: 'mutant-scan-before-unmap', title: 'truncate looks for busy pages too early', version: '6.1', mutation: true,
    changes: 'dax_layout_busy_page() looks at the reference counts before it unmaps',
  },
  {
    id: 'dax-looks-at-unmapped-files', title: 'truncate looks for busy pages of files that nobody maps', version: '6.1',
    changes: 'dax_layout_busy_page() does not ask mapping_mapped(): a pin outlives the mapping',
  },
  {
    id: 'p2pdma-v3', title: 'PCI/P2PDMA: introduce pci_mmap_p2pmem() (v3)', version: '5.15',
    changes: 'devmap entries that count nothing; whoever unmaps drops the reference; a page with one reference is free',
  },
  {
    id: '7e9c7ef83d78', title: 'PCI/P2PDMA: Allow userspace VMA allocations through sysfs', version: '6.2', since: '6.12',
    changes: 'memory of a PCI device is mapped by vm_insert_page(), counted, and each page keeps the pagemap',
  },
  {
    id: 'p2pdma-ref0', title: 'PCI/P2PDMA: free pages have no reference', version: '7.3', since: '7.3',
    changes: 'free_zone_device_folio() leaves the count at 0, and p2pmem_alloc_mmap() sets it to 1 when it has a page, and back if that cannot be mapped',
  },
  {
    id: 'p2pdma-uncounts-first', title: 'PCI/P2PDMA: the count of a page is reset before it is given back', version: '7.3',
    changes: 'with p2pdma-ref0: where a page cannot be mapped, p2pmem_alloc_mmap() sets the count to 0 before gen_pool_free()',
  },
  {
    id: 'insert-fails', title: 'memory is so short that a page table cannot be had', version: '6.1',
    changes: 'vm_insert_page() in p2pmem_alloc_mmap() may give -ENOMEM',
  },
  {
    id: 'count-before-page-free', title: 'a page of a PCI device is made ready before it is given back', version: '6.2',
    changes: 'free_zone_device_page() sets the count to 1 before page_free(), which drops the reference to the pagemap',
  },
  {
    id: '4003f107fa2e', title: 'mm: introduce FOLL_PCI_P2PDMA to gate getting PCI P2PDMA pages', version: '6.2', since: '6.12',
    changes: 'GUP takes memory of a PCI device only for callers that say FOLL_PCI_P2PDMA',
  },
  {
    id: 'mutant-no-srcu-wait', title: 'device-dax does not wait for faults', version: '6.1', mutation: true,
    changes: 'kill_dax() clears the alive flag and goes on without synchronize_srcu()',
  },
  {
    id: 'mutant-kill-without-grace-period', title: 'a percpu_ref is killed without a grace period', version: '6.1', mutation: true,
    changes: 'percpu_ref_kill() does not wait for those who have seen the reference alive and have not counted yet',
  },
  {
    id: 'f91142c62161', title: 'drm/ttm: nuke VM_MIXEDMAP on BO mappings', version: '5.14', since: '6.1',
    changes: 'TTM maps its objects with VM_PFNMAP, not VM_MIXEDMAP',
  },
  {
    id: '0d979509539e', title: 'drm/ttm: remove ttm_bo_vm_insert_huge()', version: '5.16', since: '6.1',
    changes: 'TTM puts no huge entries of PFNs into page tables any more',
  },
  {
    id: 'driver-without-vm-io', title: 'a driver does not say that its mappings are of a device', version: '6.1', mutation: true,
    changes: 'TTM does not set VM_IO, for which alone GUP-slow would refuse a mapping',
  },
  {
    id: 'mutant-fault-unlocks-early', title: 'a fault handler looks, unlocks, and inserts', version: '6.1', mutation: true,
    changes: 'ttm_bo_vm_fault() drops the reservation before it puts the page into the page tables',
  },
  {
    id: 'mutant-unmap-before-reserve', title: 'an object is unmapped before it is reserved', version: '6.1', mutation: true,
    changes: 'ttm_bo_evict() calls unmap_mapping_range() before it takes the lock that fault handlers take',
  },
  {
    id: 'mutant-ghost-does-not-wait', title: 'the old memory of an object goes before the copy is made', version: '6.1', mutation: true,
    changes: 'ttm_bo_move_accel() frees the old page without waiting for the fence of the copy',
  },
  {
    id: 'mutant-copy-ignores-fences', title: 'an object is moved while work uses it', version: '6.1', mutation: true,
    changes: 'ttm_bo_move_accel() and ttm_bo_evict() copy without waiting for the fences that are in the reservation',
  },
  {
    id: 'mutant-fault-ignores-moves', title: 'a fault handler does not wait for moves', version: '6.1', mutation: true,
    changes: 'ttm_bo_vm_fault_reserved() maps the pages while the GPU still copies to them',
  },
  {
    id: 'driver-reissues-pages', title: 'a driver gives pages out again as soon as they are unmapped', version: '5.15',
    changes: 'after unmap_mapping_range() nobody looks at the references to the pages',
  },
]
