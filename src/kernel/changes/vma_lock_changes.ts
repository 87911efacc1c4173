import type { Change } from './change.js'

/** Locks of VMAs: who may do without the mmap_lock. */
export const vmaLockChanges: readonly Change[] = [
  {
    id: 'per-vma-lock', title: 'mm: try VMA lock-based page fault handling first (5e31275cc997 and others)', version: '6.4', since: '6.12',
    changes: 'a fault looks its VMA up under RCU and locks that; the mmap_lock it takes only if it cannot. Who changes a VMA excludes faults in it (vma_start_write)',
  },
  {
    id: 'vma-refcount', title: 'mm: replace vm_lock and detached flag with a reference count', version: '6.15', since: '7.2',
    changes: 'the lock of a VMA is a count of readers; a VMA that is freed may be another address space\'s at once, so that whoever locks one looks whose it is',
  },
  {
    id: 'fb49c455323f', title: 'fork: lock VMAs of the parent process when forking', version: '6.5', since: '6.12',
    changes: 'dup_mmap() excludes faults from each VMA of the parent before it copies it; seen with per-vma-lock',
  },
  {
    id: 'madvise-vma-lock', title: 'mm: use per_vma lock for MADV_DONTNEED', version: '6.17', since: '7.2',
    changes: 'MADV_DONTNEED and MADV_FREE of one VMA hold its lock and no mmap_lock, and drop it before they flush with madvise-shared-gather',
  },
  {
    id: '366a4532d96f', title: 'mm: fix the race between collapse and PT_RECLAIM under per-vma lock', version: '6.17', since: '7.2',
    changes: 'collapse_huge_page() excludes faults, and whoever else holds the lock of the VMA, before it looks at the PMD, not after',
  },
  {
    id: 'mutant-vma-of-any-mm', title: 'a VMA is taken for the one that was looked up', version: '6.15', mutation: true,
    changes: 'vma_start_read() does not look whose address space the VMA belongs to',
  },
  {
    id: 'mutant-vma-seq-unread', title: 'a fault does not ask whether its VMA is locked for writing', version: '6.4', mutation: true,
    changes: 'vma_start_read() does not compare vm_lock_seq with that of the mm',
  },
  {
    id: 'mutant-vma-detached-unread', title: 'a fault does not ask whether its VMA is still in the tree', version: '6.4', mutation: true,
    changes: 'lock_vma_under_rcu() does not look at vma->detached, until 6.15',
  },
  {
    id: 'mutant-vma-write-without-wait', title: 'a VMA is locked for writing under those who read it', version: '6.4', mutation: true,
    changes: 'vma_start_write() sets vm_lock_seq and waits for no fault that is under way',
  },
  {
    id: 'mutant-detach-without-wait', title: 'a VMA is detached under those who are about to find out', version: '6.15', mutation: true,
    changes: 'vma_mark_detached() does not wait for those who have counted themselves and not yet looked at vm_lock_seq',
  },
  {
    id: 'mutant-munmap-without-vma-lock', title: 'munmap() does not exclude faults', version: '6.4', mutation: true,
    changes: 'the VMAs that go are not locked for writing before they leave the tree',
  },
]
