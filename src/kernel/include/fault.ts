import type { Cell } from '../../engine/model/memory.js'
import type { Mm } from './mm.js'
import type { Pte } from './pgtable.js'
import type { Vma } from './vma.js'

/** enum fault_flag (include/linux/mm_types.h). */
export const FAULT_FLAG_WRITE = 1 << 0
/** The handler may drop the mmap_lock, wait, and ask for the fault to be tried again (VM_FAULT_RETRY). */
export const FAULT_FLAG_ALLOW_RETRY = 1 << 2
export const FAULT_FLAG_TRIED = 1 << 5
export const FAULT_FLAG_UNSHARE = 1 << 10
/** The VMA is locked, and the mmap_lock is not held. */
export const FAULT_FLAG_VMA_LOCK = 1 << 12

/** enum vm_fault_reason. */
export const VM_FAULT_OOM = 0x1
export const VM_FAULT_SIGBUS = 0x2
export const VM_FAULT_WRITE = 0x8
export const VM_FAULT_SIGSEGV = 0x40
export const VM_FAULT_NOPAGE = 0x100
/** The mmap_lock, or the lock of the VMA, is not held any more. */
export const VM_FAULT_RETRY = 0x400
export const VM_FAULT_FALLBACK = 0x800
export const VM_FAULT_ERROR = VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV

/** include/linux/mm_types.h:fault_flag_allow_retry_first */
export const fault_flag_allow_retry_first = (flags: number): boolean =>
  (flags & (FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_TRIED)) === FAULT_FLAG_ALLOW_RETRY

/** struct vm_fault: what is known of a fault when its handler starts. */
export interface VmFault {
  readonly mm: Mm
  readonly vma: Vma
  readonly address: number
  /** FAULT_FLAG_… */
  readonly flags: number
  readonly pmdp: Cell
}

/** A fault on an entry that was there: its place and what it held. */
export interface PteFault extends VmFault {
  readonly ptep: Cell
  readonly ptl: Cell
  readonly orig_pte: Pte
}
