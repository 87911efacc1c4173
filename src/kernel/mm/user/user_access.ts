import { load, type Steps } from '../../../engine/model/step.js'
import * as machine from '../../../machine/user.js'
import { FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_TRIED, FAULT_FLAG_WRITE, VM_FAULT_ERROR, VM_FAULT_RETRY } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import { VM_ACCESS_FLAGS, VM_WRITE } from '../../include/vm_flags.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vma_lookup } from '../find_vma.js'
import { handle_mm_fault } from '../memory/handle_mm_fault.js'

/** arch/x86/mm/fault.c:do_user_addr_fault. False: the process gets SIGSEGV or SIGBUS. */
function* do_user_addr_fault(mm: Mm, address: number, write: boolean, tried: boolean): Steps<boolean> {
  yield* mmap_read_lock(mm)
  const vma = yield* vma_lookup(mm, address)
  const vm_flags = vma ? yield* load(vma.vm_flags, { label: 'vma->vm_flags' }) : 0
  const allowed = (vm_flags & (write ? VM_WRITE : VM_ACCESS_FLAGS)) !== 0
  const flags = FAULT_FLAG_ALLOW_RETRY | (write ? FAULT_FLAG_WRITE : 0) | (tried ? FAULT_FLAG_TRIED : 0)
  const result = vma && allowed ? yield* handle_mm_fault(mm, vma, address, flags) : VM_FAULT_ERROR
  if (!(result & VM_FAULT_RETRY)) yield* mmap_read_unlock(mm)
  return !(result & VM_FAULT_ERROR)
}

/** A load by a program: through the TLB, with page faults until it succeeds. Undefined: a signal instead. */
export function* user_read(mm: Mm, address: number): Steps<number | undefined> {
  for (let tried = false; ; tried = true) {
    const value = yield* machine.user_load(mm, address)
    if (value !== undefined) return value
    if (!(yield* do_user_addr_fault(mm, address, false, tried))) return undefined
  }
}

/** A store by a program. False: a signal instead. */
export function* user_write(mm: Mm, address: number, value: number): Steps<boolean> {
  for (let tried = false; ; tried = true) {
    if (yield* machine.user_store(mm, address, value)) return true
    if (!(yield* do_user_addr_fault(mm, address, true, tried))) return false
  }
}
