import type { Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_VMA_LOCK, type PteFault, VM_FAULT_RETRY, VM_FAULT_SIGBUS, VM_FAULT_SIGSEGV } from '../../include/fault.js'
import { is_device_exclusive_entry, is_device_private_entry, is_genuine_swap_entry, is_guard_marker, is_migration_entry } from '../../include/swapops.js'
import { migration_entry_wait } from '../migrate/migration_entry_wait.js'
import { remove_device_exclusive_entry } from './device_exclusive.js'
import { migrate_to_ram } from '../migrate_device/migrate_to_ram.js'
import { swapin_page } from './swapin_page.js'
import { vma_end_read } from '../mmap_lock/vma_end_read.js'

/** mm/memory.c:do_swap_page: waits for a migration, takes the page from a device, or reads it from the swap area. */
export function* do_swap_page(vmf: PteFault): Steps<number> {
  if (is_migration_entry(vmf.orig_pte)) {
    yield* migration_entry_wait(vmf)
    return 0
  }
  if (is_device_exclusive_entry(vmf.orig_pte)) return yield* remove_device_exclusive_entry(vmf)
  if (is_device_private_entry(vmf.orig_pte)) {
    if (!(vmf.flags & FAULT_FLAG_VMA_LOCK)) return yield* migrate_to_ram(vmf)
    yield* vma_end_read(vmf.vma)
    return VM_FAULT_RETRY
  }
  if (is_genuine_swap_entry(vmf.orig_pte)) return yield* swapin_page(vmf)
  return is_guard_marker(vmf.orig_pte) ? VM_FAULT_SIGSEGV : VM_FAULT_SIGBUS
}
