import type { Cell, Memory } from '../../engine/model/memory.js'
import { _PAGE_UFFD_WP, type Pte } from './pgtable.js'
import { VM_UFFD_MISSING, VM_UFFD_WP } from './vm_flags.js'

/** struct userfaultfd_ctx: whose faults are told to a monitor. An address space has at most one here. */
export class UserfaultfdCtx {
  /** By CPU: the address plus one whose fault waits for an answer (fault_pending_wqh and fault_wqh). */
  readonly fault_wqh: readonly Cell[]
  /** The monitor has gone. */
  readonly released: Cell

  constructor(memory: Memory, name: string, cpus: number) {
    this.released = memory.cell(`${name}.released`)
    this.fault_wqh = memory.cells(`${name}.fault_wqh`, cpus)
  }
}

/** include/linux/userfaultfd_k.h, of vma->vm_flags. */
export const userfaultfd_missing = (vm_flags: number): boolean => (vm_flags & VM_UFFD_MISSING) !== 0
export const userfaultfd_wp = (vm_flags: number): boolean => (vm_flags & VM_UFFD_WP) !== 0
/** Also of huge entries. */
export const userfaultfd_pte_wp = (vm_flags: number, pte: Pte): boolean => userfaultfd_wp(vm_flags) && (pte & _PAGE_UFFD_WP) !== 0
