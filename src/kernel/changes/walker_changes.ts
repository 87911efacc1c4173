import type { Change } from './change.js'

/** Page-table walkers, MMU notifiers, secondary TLBs. */
export const walkerChanges: readonly Change[] = [
  {
    id: 'folio-walk', title: 'mm/pagewalk: folio_walk_start(), for looking at one folio', version: '6.12', since: '6.12',
    changes: 'move_pages() isolates a folio with the page table locked, and without a reference of its own',
  },
  {
    id: 'apply-to-pfn-range', title: 'mm: Add an apply_to_pfn_range interface (as a way to track dirty pages)', version: '5.1',
    changes: 'wp_shared_mapping_range() and its sibling go through apply_to_pfn_range(), not through the page walk',
  },
  {
    id: 'mutant-clean-not-nested', title: 'dirty tracking flushes only what it has touched', version: '6.1', mutation: true,
    changes: 'wp_clean_post_vma() does not ask whether another flush of the mm is pending',
  },
  {
    id: 'mutant-clean-without-flush', title: 'dirty tracking does not flush', version: '6.1', mutation: true,
    changes: 'wp_clean_post_vma() leaves the TLBs alone',
  },
  {
    id: 'mutant-scan-unreserved', title: 'dirty pages are collected and handed over without a lock', version: '6.1', mutation: true,
    changes: 'vmw_resource_validate() does not take the reservation of the buffer object',
  },
  {
    id: 'vmw-mkwrite-sets-entry', title: 'vmwgfx makes an entry writable while it has the object', version: '6.1',
    changes: 'vmw_bo_vm_mkwrite() does it itself, before it unlocks the object, and returns VM_FAULT_NOPAGE',
  },
  {
    id: 'mutant-mkwrite-unreserved', title: 'vmwgfx notes a write without a lock', version: '6.1', mutation: true,
    changes: 'vmw_bo_vm_mkwrite() does not take the reservation of the buffer object',
  },
  {
    id: 'mutant-no-second-look', title: 'vmwgfx protects entries and does not look at them again', version: '6.1', mutation: true,
    changes: 'vmw_bo_dirty_scan_pagetable() does not collect what was written until wp_shared_mapping_range() had flushed',
  },
  {
    id: 'mutant-method-changes-only', title: 'vmwgfx lets writes fault from now on, and leaves entries as they are', version: '6.1', mutation: true,
    changes: 'vmw_bo_dirty_scan_pagetable() changes the method and write-protects nothing',
  },
  {
    id: 'driver-walks-unlocked', title: 'a driver changes entries without the mmap_lock', version: '5.1',
    changes: 'write_protect_any() calls apply_to_page_range() with no lock but those that it takes itself',
  },
  {
    id: '29a951dfb3c3', title: 'mm: fix clear_refs_write locking', version: '5.11', since: '6.1',
    changes: 'clear_refs takes the mmap_lock for writing to clear soft-dirty bits, not for reading',
  },
  {
    id: '5b7abeae3af8', title: 'thp: fix MADV_DONTNEED vs clear soft dirty race', version: '4.11', since: '6.1',
    changes: 'clear_soft_dirty_pmd() never makes the entry none on its way',
  },
  {
    id: '8782fb61cc84', title: 'mm: pagewalk: Fix race between unmap and page walker', version: '6.0', since: '6.1',
    changes: 'walk_page_range_novma(), which knows of no VMAs, needs the mmap_lock for writing: ptdump takes it so',
  },
  {
    id: '4d4bbd8526a8', title: 'mm, oom_reaper: skip mm structs with mmu notifiers', version: '4.14', since: '6.1',
    changes: 'the OOM reaper does not unmap behind the back of notifiers; since 4.19 it asks those that need not wait',
  },
  {
    id: '6b31d5955cb2', title: 'mm, oom: fix potential data corruption when oom_reaper races with writer', version: '4.13', since: '6.1',
    changes: 'a fault where the OOM reaper may have taken a page away gives SIGBUS, not a page of zeroes',
  },
  {
    id: 'mutant-unstable-late', title: 'the OOM reaper says too late that it was there', version: '6.1', mutation: true,
    changes: '__oom_reap_task_mm() sets MMF_UNSTABLE when it has unmapped all',
  },
  {
    id: 'mutant-exit-frees-tables-unlocked', title: 'exit does not wait for the OOM reaper', version: '6.1', mutation: true,
    changes: 'exit_mmap() frees page tables and VMAs without the mmap_lock',
  },
  {
    id: '96667f8a4382', title: 'mm: Close race in generic_access_phys', version: '5.11', since: '6.1',
    changes: 'generic_access_phys() looks at the entry again and copies with the page-table lock held',
  },
  {
    id: 'mutant-access-phys-unlocks-early', title: 'generic_access_phys() copies with no lock', version: '6.1', mutation: true,
    changes: 'generic_access_phys() looks at the entry again, and drops the page-table lock before it copies',
  },
  {
    id: '6647e76ab623', title: "v4l2: don't fall back to follow_pfn() if pin_user_pages_fast() fails", version: '6.1', since: '6.1',
    changes: 'get_vaddr_frames() takes only what GUP pins',
  },
  {
    id: 'mutant-frame-looked-up-again', title: 'a driver calls follow_pfn() twice', version: '6.0', mutation: true,
    changes: 'without 6647e76ab623: get_vaddr_frames() gives a frame out only if it looks it up twice and finds the same',
  },
  {
    id: 'mutant-kvm-without-notifier', title: 'KVM subscribes to nothing', version: '6.1', mutation: true,
    changes: 'the notifier of KVM has no methods',
  },
  {
    id: 'mutant-reaper-goes-on', title: 'the OOM reaper does not take no for an answer', version: '6.1', mutation: true,
    changes: '__oom_reap_task_mm() unmaps though a subscriber could not start without waiting',
  },
  {
    id: 'mutant-ptdump-unlocked', title: 'ptdump takes no lock', version: '6.1', mutation: true,
    changes: 'ptdump_walk_pgd() does not take the mmap_lock at all',
  },
  {
    id: 'notify-in-callback', title: 'the pte callback calls the start and end of an invalidation', version: '5.1',
    changes: 'with apply-to-pfn-range: notifiers are told of each entry by itself, under the page-table lock',
  },
  {
    id: 'invalidate-in-callback', title: 'the pte callback calls mmu_notifier_invalidate_range() only', version: '5.1',
    changes: 'with apply-to-pfn-range: as in ptep_clear_flush_notify(), and no start and end around it',
  },
  {
    id: 'c2655835fd8c', title: 'mm/mmu_notifiers: ensure range_end() is paired with range_start()', version: '5.12', since: '6.1',
    changes: 'when one subscriber cannot start without waiting, those that have started are told of the end',
  },
  {
    id: 'kvm-no-retry', title: 'KVM maps what it looked up without asking whether it is still so', version: '6.1', mutation: true,
    changes: 'kvm_page_fault() does not call mmu_invalidate_retry_hva()',
  },
  {
    id: '6bbd42e2df8f', title: 'mmu_notifiers: call invalidate_range() when invalidating TLBs', version: '6.6', since: '6.12',
    changes: 'secondary TLBs are flushed with those of the CPUs, also when only a permission was added; the end of an invalidation no longer does',
  },
  {
    id: 'end-without-flush', title: 'the end of an invalidation leaves secondary TLBs alone', version: '6.1', mutation: true,
    changes: 'mmu_notifier_invalidate_range_end() does not call invalidate_range',
  },
  {
    id: 'flush-secondary-after-set', title: 'secondary TLBs are flushed when the new entry is there already', version: '6.1', mutation: true,
    changes: 'wp_page_copy() calls mmu_notifier_invalidate_range() after set_pte_at()',
  },
  {
    id: 'f268f6cf875f', title: 'mm/khugepaged: invoke MMU notifiers in shmem/file collapse paths', version: '6.1',
    since: '6.1', changes: 'khugepaged tells MMU notifiers before it takes page tables of a file mapping away',
  },
  {
    id: '8d3c106e19e8', title: 'mm/khugepaged: take the right locks for page table retraction', version: '6.1',
    since: '6.1', changes: 'collapse_pte_mapped_thp() holds i_mmap_rwsem and the lock of the anon_vma while it takes the table away',
  },
  {
    id: 'mutant-mapping-unlocked-first', title: 'khugepaged lets the file go before the table', version: '6.1', mutation: true,
    changes: 'collapse_pte_mapped_thp() holds i_mmap_rwsem while it looks at the entries, but not while it takes the table away',
  },
  {
    id: 'mutant-change-pte-alone', title: 'copy-on-write tells of the new entry only', version: '6.1', mutation: true,
    changes: 'wp_page_copy() calls change_pte with no start and end around it',
  },
  {
    id: 'mutant-unregister-deletes-first', title: 'a notifier leaves the list before it has released what it has', version: '6.1', mutation: true,
    changes: 'mmu_notifier_unregister() deletes the subscription before it calls release()',
  },
  {
    id: 'mutant-unregister-no-srcu', title: 'a notifier does not wait for those who are calling it', version: '6.1', mutation: true,
    changes: 'mmu_notifier_unregister() does not call synchronize_srcu()',
  },
  {
    id: 'mutant-register-without-locks', title: 'a notifier is registered with the mmap_lock only', version: '6.1', mutation: true,
    changes: '__mmu_notifier_register() does not call mm_take_all_locks()',
  },
  {
    id: 'mutant-uprobes-without-notifier', title: 'uprobes tell nobody that they replace a page', version: '6.1', mutation: true,
    changes: '__replace_page() calls neither start nor end of an invalidation',
  },
  {
    id: 'itree-ends-with-list', title: 'interval notifiers are told of the end when somebody on the list could not start', version: '6.1',
    changes: '__mmu_notifier_invalidate_range_start() calls mn_itree_inv_end() when mn_hlist_invalidate_range_start() gives -EAGAIN',
  },
  {
    id: 'mutant-put-frees-at-once', title: 'mmu_notifier_put() frees the subscription at once', version: '6.1', mutation: true,
    changes: 'free_notifier is called by mmu_notifier_put(), not after a grace period of SRCU',
  },
  {
    id: 'mutant-get-does-not-count', title: 'mmu_notifier_get() does not count the users it has', version: '6.1', mutation: true,
    changes: 'find_get_mmu_notifier() returns the subscription as it is',
  },
  {
    id: 'mutant-unload-without-synchronize', title: 'a module that gives notifiers back goes at once', version: '6.1', mutation: true,
    changes: 'mmu_notifier_synchronize() does nothing',
  },
  {
    id: 'srcu-list-per-cpu', title: 'SRCU as it is with 128 CPUs and more', version: '6.1',
    changes: 'each CPU has its own list of SRCU callbacks: synchronize_srcu() does not wait for callbacks that others have queued before',
  },
  {
    id: 'mutant-insert-as-if-idle', title: 'an interval notifier does not ask what is under way', version: '6.1', mutation: true,
    changes: 'mmu_interval_notifier_insert() takes no invalidation into account that has begun',
  },
  {
    id: 'mutant-remove-without-wait', title: 'an interval notifier does not wait for its turn to go', version: '6.1', mutation: true,
    changes: 'mmu_interval_notifier_remove() does not wait for the end of the invalidation',
  },
  {
    id: '319561669a59', title: 'mm/mmu_notifier.c: fix race in mmu_interval_notifier_remove()', version: '5.18', since: '6.1',
    changes: 'mmu_interval_notifier_remove() asks under the lock whether the invalidation has ended; seen with fine-interval-tree',
  },
  {
    id: 'mutant-deferred-list-unlocked', title: 'interval notifiers come and go after the lock is dropped', version: '6.1', mutation: true,
    changes: 'mn_itree_inv_end() drops subscriptions->lock before it goes through deferred_list; seen with fine-interval-tree',
  },
  {
    id: 'mutant-interval-not-nested', title: 'the first of several invalidations ends all', version: '6.1', mutation: true,
    changes: 'mn_itree_inv_end() makes the sequence even while others are under way',
  },
  {
    id: 'mutant-kvm-seq-late', title: 'KVM reads the sequence after the page', version: '6.1', mutation: true,
    changes: 'kvm_page_fault() reads mmu_invalidate_seq after get_user_pages()',
  },
  {
    id: 'mutant-kvm-not-nested', title: 'KVM does not count invalidations', version: '6.1', mutation: true,
    changes: 'kvm_mmu_invalidate_end() ends all that are in progress',
  },
  {
    id: 'mutant-flush-cpus-only', title: 'the flush of the CPUs leaves secondary TLBs alone', version: '6.6', mutation: true,
    changes: 'with 6bbd42e2df8f: nothing is added to the flush',
  },
  {
    id: 'mutant-retract-end-first', title: 'khugepaged ends the invalidation too early', version: '6.1', mutation: true,
    changes: 'collapse_and_free_pmd() calls mmu_notifier_invalidate_range_end() before it takes the table away',
  },
  {
    id: '47b0c2e4c220', title: 'KVM: x86/mmu: Fix race condition in direct_page_fault', version: '6.1', cve: 'CVE-2022-45869', since: '6.1',
    changes: 'a fault that the TDP MMU handles, with mmu_lock for reading, does not free shadow pages of nested guests',
  },
  {
    id: 'mutant-kvm-room-unlocked', title: 'KVM makes room with no lock', version: '6.1', mutation: true,
    changes: 'kvm_page_fault() calls make_mmu_pages_available() before it takes mmu_lock',
  },
]
