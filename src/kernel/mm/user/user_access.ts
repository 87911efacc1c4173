import { load, type Steps } from '../../../engine/model/step.js'
import * as machine from '../../../machine/user.js'
import { FAULT_FLAG_ALLOW_RETRY, FAULT_FLAG_TRIED, FAULT_FLAG_VMA_LOCK, FAULT_FLAG_WRITE, VM_FAULT_ERROR, VM_FAULT_RETRY } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import { VM_ACCESS_FLAGS, VM_WRITE } from '../../include/vm_flags.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vma_lookup } from '../find_vma.js'
import { handle_mm_fault } from '../memory/handle_mm_fault.js'
import { lock_vma_under_rcu } from '../mmap_lock/lock_vma_under_rcu.js'
import { per_vma_lock } from '../mmap_lock/per_vma_lock.js'
import { vma_end_read } from '../mmap_lock/vma_end_read.js'

/** One attempt. VM_FAULT_… bits; with VM_FAULT_RETRY the handler has dropped the mmap_lock. */
function* fault(mm: Mm, address: number, flags: number): Steps<number> {
  yield* mmap_read_lock(mm)
  const vma = yield* vma_lookup(mm, address)
  const vm_flags = vma ? yield* load(vma.vm_flags, { label: 'vma->vm_flags' }) : 0
  const allowed = (vm_flags & (flags & FAULT_FLAG_WRITE ? VM_WRITE : VM_ACCESS_FLAGS)) !== 0
  const result = vma && allowed ? yield* handle_mm_fault(mm, vma, address, flags) : VM_FAULT_ERROR
  if (!(result & VM_FAULT_RETRY)) yield* mmap_read_unlock(mm)
  return result
}

/** The same with the lock of the VMA instead. VM_FAULT_RETRY: nothing is locked, and the mmap_lock is needed. */
function* fault_under_vma_lock(mm: Mm, address: number, flags: number): Steps<number> {
  const vma = yield* lock_vma_under_rcu(mm, address)
  if (!vma) return VM_FAULT_RETRY
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const allowed = (vm_flags & (flags & FAULT_FLAG_WRITE ? VM_WRITE : VM_ACCESS_FLAGS)) !== 0
  const result = allowed ? yield* handle_mm_fault(mm, vma, address, flags | FAULT_FLAG_VMA_LOCK) : VM_FAULT_ERROR
  if (!(result & VM_FAULT_RETRY)) yield* vma_end_read(vma)
  return result
}

/** arch/x86/mm/fault.c:do_user_addr_fault. False: the process gets SIGSEGV or SIGBUS. */
export function* do_user_addr_fault(mm: Mm, address: number, write: boolean): Steps<boolean> {
  const flags = FAULT_FLAG_ALLOW_RETRY | (write ? FAULT_FLAG_WRITE : 0)
  const locked = per_vma_lock() ? yield* fault_under_vma_lock(mm, address, flags) : VM_FAULT_RETRY
  if (!(locked & VM_FAULT_RETRY)) return !(locked & VM_FAULT_ERROR)
  let result = yield* fault(mm, address, flags)
  while (result & VM_FAULT_RETRY) result = yield* fault(mm, address, flags | FAULT_FLAG_TRIED)
  return !(result & VM_FAULT_ERROR)
}

/** A load by a program: through the TLB, with page faults until it succeeds. Undefined: a signal instead. */
export function* user_read(mm: Mm, address: number): Steps<number | undefined> {
  for (;;) {
    const value = yield* machine.user_load(mm, address)
    if (value !== undefined) return value
    if (!(yield* do_user_addr_fault(mm, address, false))) return undefined
  }
}

/** A store by a program. False: a signal instead. */
export function* user_write(mm: Mm, address: number, value: number): Steps<boolean> {
  for (;;) {
    if (yield* machine.user_store(mm, address, value)) return true
    if (!(yield* do_user_addr_fault(mm, address, true))) return false
  }
}
