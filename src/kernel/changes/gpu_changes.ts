import type { Change } from './change.js'

/** Changes of drivers for GPUs, and of what they share: reservations, fences, userptr, dma-buf. */
export const gpuChanges: readonly Change[] = [
  {
    id: 'mutant-ww-waits', title: 'who comes later waits instead of backing off', version: '6.1', mutation: true,
    changes: 'ww_mutex_lock() never returns -EDEADLK',
  },
  {
    id: 'mutant-fence-callback-unlocked', title: 'a waiter looks first and adds its callback later', version: '6.1', mutation: true,
    changes: 'dma_fence_default_wait() does not hold the fence\'s lock from the test of the flag to the list',
  },
  {
    id: 'rogue-device', title: 'a device whose commands reach memory without its own page tables', version: '6.1',
    changes: 'only the IOMMU decides what it can write to',
  },
  {
    id: 'mutant-invalidate-without-wait', title: 'the callback of a userptr does not wait for the GPU', version: '6.1', mutation: true,
    changes: 'amdgpu_mn_invalidate_gfx() only says that the pages have changed',
  },
  {
    id: 'mutant-publish-unlocked', title: 'work is published without the lock of the callback', version: '6.1', mutation: true,
    changes: 'amdgpu_cs_submit() does not hold notifier_lock from the look at the sequence to the fence',
  },
  {
    id: 'userptr-no-retry', title: 'a submission does not ask whether its pages have changed', version: '6.1', mutation: true,
    changes: 'mmu_interval_read_retry() is not called before work is published',
  },
  {
    id: 'ba767b9d01a2', title: 'drm/xe/userptr: Unmap userptrs in the mmu notifier', version: '6.14', since: '6.12',
    changes: 'vma_userptr_invalidate() takes the pages out of the IOMMU before it returns',
  },
  {
    id: '0a98219bcc96', title: 'drm/xe/hmm: Don\'t dereference struct page pointers without notifier lock', version: '6.14', since: '6.12',
    changes: 'pages are looked at and mapped under the notifier lock, after a look at the sequence',
  },
  {
    id: 'xe-two-pass', title: 'drm/xe/userptr: invalidation in two passes', version: '7.3', since: '7.3',
    changes: 'the callback starts the flush of the GPU\'s TLB and drops its lock; the wait comes when all subscribers have been told',
  },
  {
    id: 'xe-waits-for-batch-in-flight', title: 'xe waits for the flush of another invalidation', version: '7.3',
    changes: 'with xe-two-pass: xe_vma_userptr_do_inval(), called while another is between its passes, waits for what that has submitted',
  },
  {
    id: 'mutant-xe-finish-does-not-wait', title: 'xe submits the flush of the GPU\'s TLB and does not wait', version: '7.3', mutation: true,
    changes: 'xe_vma_userptr_complete_tlb_inval() does not call xe_tlb_inval_batch_wait()',
  },
  {
    id: 'iommu-passthrough', title: 'an IOMMU that does not translate, or none', version: '6.1',
    changes: 'what a driver has mapped for DMA is the address of the memory: dma_unmap takes nothing away from the device',
  },
  {
    id: 'mutant-xe-no-recheck', title: 'xe maps pages under the notifier lock, whatever the sequence', version: '6.14', mutation: true,
    changes: 'xe_hmm_userptr_populate_range() takes the lock and does not call mmu_interval_read_retry()',
  },
  {
    id: 'mutant-look-before-fence', title: 'i915: the last look at the sequence comes before the fence', version: '6.1', mutation: true,
    changes: 'i915_gem_object_userptr_submit_done() is called before the fence is with the reservation',
  },
  {
    id: 'i915-active-first', title: 'i915: an object is known to notifiers before its pages are looked up', version: '4.9',
    changes: '__i915_gem_userptr_set_active() is called before get_user_pages_fast(), as until 4.9, not after it',
  },
  {
    id: 'i915-sequence-count', title: 'i915: pages that are looked up during an invalidation are given back', version: '4.16', changes: 'notifiers keep a count and a sequence, as KVM does, and get_pages looks at both when it has its page',
  },
  {
    id: 'i915-flush-always', title: 'i915: a notifier waits for the worker also when another has queued the work', version: '4.16', changes: 'i915_gem_userptr_mn_invalidate_range_start() flushes whether or not it found the object',
  },
  {
    id: 'mutant-userptr-no-flush', title: 'i915: a notifier does not wait for the worker', version: '4.16', mutation: true,
    changes: 'i915_gem_userptr_mn_invalidate_range_start() returns when it has queued the work',
  },
  {
    id: 'i915-unsynchronized', title: 'i915: objects that no notifier knows (I915_USERPTR_UNSYNCHRONIZED, for root)', version: '4.16', changes: '__i915_gem_userptr_set_active() does nothing',
  },
  {
    id: '2d691aeca4ae', title: 'drm/i915/userptr: Try to acquire the page lock around set_page_dirty()', version: '5.5', since: '6.1',
    changes: 'pages of a userptr are marked as dirty under the folio lock, if nobody else has it',
  },
  {
    id: 'cb6d7c7dc7ff', title: 'drm/i915/userptr: Acquire the page lock around set_page_dirty()', version: '5.3',
    changes: 'pages of a userptr are marked as dirty with set_page_dirty_lock(); reverted by 505a8ec7e11a',
  },
  {
    id: 'dirty-before-idle', title: 'i915: pages are marked as dirty before the GPU is done with them', version: '5.4',
    changes: 'set_page_dirty() comes before the wait for the GPU',
  },
  {
    id: 'mutant-dirty-after-unlock', title: 'i915: pages are marked as dirty when their lock has been given back', version: '5.5', mutation: true, changes: 'the lock of a page is tried, taken and dropped before set_page_dirty()',
  },
  {
    id: 'mutant-exporter-does-not-wait', title: 'an exporter frees the old memory as soon as importers know', version: '6.1', mutation: true,
    changes: 'the move of an object does not wait for the fences of its reservation',
  },
  {
    id: 'mutant-importer-keeps-mapping', title: 'an importer goes on with a mapping that it was told is out of date', version: '6.1', mutation: true, changes: 'a submission does not look at the mark that move_notify() left',
  },
  {
    id: 'mutant-importer-fences-late', title: 'an importer publishes its work without the reservation', version: '6.1', mutation: true,
    changes: 'the fence is added to the reservation after that was unlocked',
  },
  {
    id: 'no-dmabuf-move-notify', title: 'a kernel without CONFIG_DMABUF_MOVE_NOTIFY', version: '6.1',
    changes: 'a buffer is pinned while an importer has it mapped',
  },
  {
    id: 'pin-on-map', title: 'dma-buf: pin on map', version: '7.3', since: '7.3',
    changes: 'the buffer of a static importer is pinned and mapped while that has it mapped, not as long as it is attached',
  },
  {
    id: 'vfio-waits-for-unmap', title: 'vfio: wait for dma-buf invalidation to complete', version: '7.3', since: '7.3',
    changes: 'vfio_pci_dma_buf_move() counts mappings of a BAR and waits for the last to go, not for fences alone',
  },
  {
    id: 'mutant-iommufd-fills-unlocked', title: 'iommufd maps a BAR without its mutex', version: '7.3', mutation: true,
    changes: 'iopt_area_fill_domain() looks whether the pages were revoked, and maps them, without pages->mutex',
  },
  {
    id: 'mutant-vfio-revokes-late', title: 'vfio says that a BAR is revoked when its lock is dropped', version: '7.3', mutation: true,
    changes: 'vfio_pci_dma_buf_move() sets priv->revoked after it has unlocked the reservation',
  },
  {
    id: 'mutant-move-ignores-pins', title: 'an exporter moves a buffer that is pinned', version: '6.1', mutation: true,
    changes: 'the move of an object does not look at its pin count',
  },
  {
    id: 'mutant-dma-buf-pin-unlocked', title: 'a buffer is pinned without its reservation', version: '6.1', mutation: true,
    changes: 'dma_buf_attach() pins and maps the buffer without dma_resv_lock()',
  },
  {
    id: 'mutant-dma-buf-own-mapping', title: 'mappings of a dma-buf do not count as mappings of the exporter', version: '6.1', mutation: true, changes: 'drm_gem_dmabuf_export() leaves f_mapping of the dma-buf\'s file as it is',
  },
  {
    id: 'unmap-in-move-notify', title: 'an importer unmaps when it is told that memory will move', version: '6.1',
    changes: 'move_notify() waits for the importer\'s own work and takes its mapping away',
  },
  {
    id: 'b39df63b16b6', title: 'drm/amdgpu: always register an MMU notifier for userptr', version: '6.1', since: '6.1',
    changes: 'the driver is told of changes whatever flags user space gave',
  },
  {
    id: 'f95f51a4c335', title: 'drm/amdgpu: Add notifier lock for KFD userptrs', version: '6.3', since: '6.12',
    changes: 'one lock per process, not one per GPU, around what notifiers count, and around the last look before its queues run again',
  },
  {
    id: 'mutant-kfd-quiesce-unlocked', title: 'queues are stopped without the lock of the notifiers', version: '6.3', mutation: true,
    changes: 'amdgpu_amdkfd_evict_userptr() gives notifier_lock back before kgd2kfd_quiesce_mm()',
  },
  {
    id: 'mutant-kfd-resume-unchecked', title: 'queues run again whatever was invalidated meanwhile', version: '6.1', mutation: true,
    changes: 'amdgpu_amdkfd_restore_userptr_worker() does not compare evicted_bos with what it was at the beginning',
  },
  {
    id: 'b3deec25847b', title: 'IB/hfi1: Remove user expected buffer invalidate race', version: '6.2', since: '6.1',
    changes: 'a notifier covers the range while it is set up, and the set-up fails if that was invalidated',
  },
  {
    id: 'hfi1-begin-after-insert', title: 'hfi1 waits for invalidations that do not know its new notifier', version: '6.2',
    changes: 'mmu_interval_read_begin() on the notifier of a buffer comes between its insertion and the look at the one that covers',
  },
  {
    id: 'amdgpu-2018-count-under-lock', title: 'amdgpu looks pages up when no invalidation is under way', version: '4.17',
    changes: 'amdgpu_cs_parser_bos() reads the count of invalidations with amdgpu_mn_lock() held',
  },
  {
    id: 'amdgpu-2018-count-once', title: 'amdgpu keeps the count of invalidations from before the lookup', version: '4.17',
    changes: 'amdgpu_ttm_tt_set_user_pages() does not read mmu_invalidations again',
  },
  {
    id: 'mutant-radeon-any-memory', title: 'radeon lets GPUs write to mappings of files', version: '6.1', mutation: true,
    changes: 'radeon_gem_userptr_ioctl() does not ask for RADEON_GEM_USERPTR_ANONONLY',
  },
  {
    id: 'radeon-dirty-lock', title: 'radeon marks pages as dirty under their lock', version: '6.1',
    changes: 'radeon_ttm_tt_unpin_userptr() calls set_page_dirty_lock()',
  },
  {
    id: 'odp-hmm-dma', title: 'RDMA/umem: the list of pages says also what is mapped for DMA', version: '7.3', since: '7.3',
    changes: 'a flag in pfn_list[], to which hmm_range_fault() writes without the lock, takes the place of dma_list[]',
  },
  {
    id: 'odp-merges-under-lock', title: 'RDMA/umem: a walk writes to an array of its own', version: '7.3',
    changes: 'what hmm_range_fault() has found gets into pfn_list[] under umem_mutex, when the sequence has been asked for',
  },
  {
    id: 'hmm-sees-transient-none', title: 'arm64: entries of a contiguous block are none while they are folded', version: '6.9',
    changes: 'a snapshot of ib_umem_odp_map_dma_and_lock() may see nothing where a page is mapped',
  },
  {
    id: 'odp-revoke-under-lock', title: 'RDMA/mlx5: fix a race for an ODP MR which leads to CQE with error', version: '6.14', cve: 'CVE-2025-21732', since: '6.12',
    changes: 'mlx5_revoke_mr() takes umem_mutex, and takes the region away from the umem, so that no invalidation uses its key',
  },
  {
    id: 'mutant-odp-no-retry', title: 'RDMA on demand does not ask whether its pages have changed', version: '6.1', mutation: true,
    changes: 'ib_umem_odp_map_dma_and_lock() does not call mmu_interval_read_retry()',
  },
  {
    id: 'mutant-odp-stays-private', title: 'mlx5 revokes a key under the mutex, and the umem still leads to it', version: '6.14', mutation: true,
    changes: 'mlx5_revoke_mr() does not set umem_odp->private to NULL',
  },
  {
    id: 'i915-userptr-nowait', title: 'drm/i915: the callback of a userptr waits for nothing', version: '6.12', since: '6.12',
    changes: 'i915_gem_userptr_invalidate() sets the sequence, and that is all: no lock, no fences',
  },
  {
    id: 'kfd-svm-evict-lock', title: 'amdkfd: whoever evicts a range of shared memory waits until the queues are stopped', version: '7.3',
    changes: 'svm_range_evict() counts and stops the queues under one mutex of the process, as amdgpu_amdkfd_evict_userptr() does',
  },
  {
    id: 'mutant-kfd-svm-stops-unlocked', title: 'amdkfd counts evictions under a mutex and stops the queues without it', version: '7.3', mutation: true,
    changes: 'with kfd-svm-evict-lock: the mutex is dropped before kgd2kfd_quiesce_mm()',
  },
  {
    id: 'kfd-xnack', title: 'GPUs that retry after a page fault (XNACK)', version: '6.1',
    changes: 'svm_range_evict() takes what the range maps out of the tables of the GPUs, and stops no queues',
  },
  {
    id: 'i915-waits-at-exit', title: 'i915 waits for the GPU also when a process exits', version: '6.1',
    changes: 'i915_gem_userptr_invalidate() does not look at PF_EXITING',
  },
  {
    id: 'amdgpu-2018-dirty-trylock', title: 'amdgpu marks pages as dirty under their lock, if it is free', version: '4.17',
    changes: 'amdgpu_ttm_tt_mark_user_pages() does as i915 since 2d691aeca4ae',
  },
  {
    id: 'mutant-mn-lock-without-recursion', title: 'amdgpu takes its lock again in a nested invalidation', version: '4.17', mutation: true,
    changes: 'amdgpu_mn_read_lock() does not count who has the lock for reading',
  },
]
