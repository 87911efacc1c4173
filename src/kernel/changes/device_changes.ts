import type { Change } from './change.js'

/** Device memory and its migration, long-term pins, userfaultfd. */
export const deviceChanges: readonly Change[] = [
  {
    id: 'devpriv-trylock', title: 'mm/migrate: trylock device page in do_swap_page (1afaeb8293c9)', version: '6.15', since: '7.3',
    changes: 'a fault on device-private memory locks the page before it takes a reference; if it is locked it waits, and takes none',
  },
  {
    id: 'migrate-thp', title: 'mm/migrate_device: large folios are split where they are found', version: '7.3', since: '7.3',
    changes: 'migrate_vma_collect_pmd() drops the lock of the table to split a folio, and goes on from there; it flushes when the table is finished',
  },
  {
    id: 'collect-flushes-before-gap', title: 'migrate_vma flushes before it drops the lock', version: '7.3',
    changes: 'with migrate-thp: migrate_vma_collect_pmd() flushes what it has cleared before it splits a folio',
  },
  {
    id: 'collect-restarts-here', title: 'migrate_vma starts again from where it was', version: '7.3',
    changes: 'with migrate-thp: where migrate_vma_collect_pmd() finds no table after a split, the hole begins there, not at the start of the range',
  },
  {
    id: 'mutant-private-no-recheck', title: 'a fault on device-private memory does not look again', version: '6.1', mutation: true,
    changes: 'do_swap_page() takes its reference under the lock, whatever the entry has become',
  },
  {
    id: 'mutant-collect-flush-first', title: 'migrate_vma flushes first', version: '6.1', mutation: true,
    changes: 'migrate_vma_collect_pmd() flushes under the lock, but before it takes the entries out',
  },
  {
    id: 'mutant-collect-keeps-reference', title: 'migrate_vma forgets a reference to a pinned page', version: '6.1', mutation: true,
    changes: 'migrate_vma_collect_pmd() does not put a page that it leaves because it may be pinned',
  },
  {
    id: 'mutant-unmap-keeps-reference', title: 'a failed migration forgets a reference', version: '6.1', mutation: true,
    changes: 'migrate_device_unmap() maps a page that it cannot move again, and does not put it',
  },
  {
    id: 'mutant-finalize-keeps-destination', title: 'a failed migration forgets the new page', version: '6.1', mutation: true,
    changes: 'migrate_device_finalize() does not put a destination that is not used',
  },
  {
    id: 'mutant-coherent-puts-again', title: 'a failed migration gives a reference back twice', version: '6.1', mutation: true,
    changes: 'migrate_device_coherent_page() puts the page that migrate_device_unmap() has put',
  },
  {
    id: 'mutant-longterm-unpins-moved', title: 'a pin that became a reference is given back as a pin', version: '6.1', mutation: true,
    changes: 'migrate_longterm_unpinnable_pages() does not forget the page (pages[i] = NULL) before it unpins the rest',
  },
  {
    id: 'mutant-unpin-before-get', title: 'a pin is given back before the reference is taken', version: '6.1', mutation: true,
    changes: 'migrate_longterm_unpinnable_pages() calls gup_put_folio() before folio_get()',
  },
  {
    id: 'mutant-own-pin-kept', title: 'a page is to be moved while its mover has it pinned', version: '6.1', mutation: true,
    changes: 'migrate_longterm_unpinnable_pages() keeps the pin beside the reference',
  },
  {
    id: 'mutant-gup-takes-private', title: 'GUP takes device-private entries for mappings', version: '6.1', mutation: true,
    changes: 'follow_page_pte() returns the page of a device-private entry instead of taking a fault',
  },
  {
    id: 'mutant-release-wakes-first', title: 'a monitor that goes wakes the waiting too early', version: '6.1', mutation: true,
    changes: 'userfaultfd_release() wakes before it has taken the mmap_lock, which keeps faults out',
  },
  {
    id: 'mutant-userfault-sleeps-on', title: 'a fault does not ask whether the monitor is still there', version: '6.1', mutation: true,
    changes: 'handle_userfault() does not look at ctx->released before it sleeps',
  },
  {
    id: 'hmm-exclusive-check', title: 'the test device asks whether its exclusive pages are still its own', version: '6.1',
    changes: 'dmirror_exclusive() maps pages only if nothing was invalidated since, as drm/nouveau does',
  },
  {
    id: 'mutant-exclusive-untold', title: 'a CPU takes a page back from a device without telling it', version: '6.1', mutation: true,
    changes: 'remove_device_exclusive_entry() calls no MMU notifiers',
  },
  {
    id: 'mutant-exclusive-no-recheck', title: 'a CPU takes a page back from a device that has lost it already', version: '6.1', mutation: true, changes: 'remove_device_exclusive_entry() does not look at the entry again under the lock',
  },
  {
    id: 'b05a79d4377f', title: 'mm/gup: migrate device coherent pages when pinning instead of failing', version: '6.0', since: '6.1',
    changes: 'a long-term pin moves device-coherent pages to RAM, unpinned, and walks again; without it, it fails',
  },
  {
    id: 'v8-pin-destination', title: 'mm/gup: migrate device coherent pages when pinning instead of failing (v8)', version: '5.19', changes: 'migrate_device_coherent_page() pins the new page before it is mapped, and GUP does not walk again',
  },
  {
    id: '16ce101db85d', title: 'mm/memory.c: fix race when faulting a device private page', version: '6.1', cve: 'CVE-2022-3523',
    since: '6.1', changes: 'a fault on device-private memory takes a reference under the page-table lock first',
  },
  {
    id: '60bae7370896', title: 'mm/migrate_device.c: flush TLB while holding PTL', version: '6.0', since: '6.1',
    changes: 'migrate_vma_collect_pmd() flushes before it drops the page-table lock',
  },
  {
    id: 'fd35ca3d12cc', title: 'mm/migrate_device.c: copy pte dirty bit to page', version: '6.0', since: '6.1',
    changes: 'migrate_vma_collect_pmd() keeps the dirty bit of the entry it clears',
  },
  {
    id: 'mutant-fork-keeps-write', title: 'fork() copies a migration entry as it is', version: '6.1', mutation: true,
    changes: 'copy_nonpresent_pte() leaves parent and child a writable migration entry',
  },
  {
    id: 'mutant-mprotect-skips-migration', title: 'mprotect leaves migration entries alone', version: '6.1', mutation: true,
    changes: 'change_pte_range() does not take the write permission of a migration entry',
  },
  {
    id: 'mutant-restore-ignores-vma', title: 'a migration restores the permission of its start', version: '6.1', mutation: true,
    changes: 'remove_migration_pte() does not ask whether the VMA may still be written to',
  },
  {
    id: '6be3e21d25ca', title: "fs/dax: Don't skip locked entries when scanning entries", version: '6.15', since: '7.2',
    changes: 'dax_layout_busy_page() waits for an entry that is locked, instead of passing it over',
  },
]
