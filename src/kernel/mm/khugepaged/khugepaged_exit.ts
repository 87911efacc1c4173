import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'

/**
 * mm/khugepaged.c:__khugepaged_exit. Before the address space is torn down; if khugepaged works on it, this waits until it
 * has dropped the mmap_lock. It sees that nobody uses the address space when it has the lock again.
 */
export function* khugepaged_exit(mm: Mm): Steps {
  if ((yield* load(kernel().khugepaged_scan, { label: 'khugepaged_scan.mm_slot' })) !== mm.ref) return
  yield* mmap_write_lock(mm)
  yield* mmap_write_unlock(mm)
}
