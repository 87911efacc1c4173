import { atomic, load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { VM_REFCNT_EXCLUDE_READERS_FLAG } from '../../include/vma_lock.js'
import { has } from '../../kernel.js'
import { taken } from '../../locking/lock-op.js'
import { vma_end_read } from './vma_end_read.js'
import { vma_start_read_6_12 } from './vma_start_read.6.12.js'

/** Whether the VMA was locked; 'again': it is out of the tree, and another one may be in its place. */
export type StartedRead = boolean | 'again'

/**
 * mm/mmap_lock.c:vma_start_read, since 6.15, of a VMA that was found under RCU. It may be free by now, or belong to another address space.
 * The first look at vm_lock_seq, without a reference, is left out: it only spares the others.
 */
export function* vma_start_read(mm: Mm, vma: Vma): Steps<StartedRead> {
  if (!has('vma-refcount')) return yield* vma_start_read_6_12(vma)
  const { vm_refcnt, vm_lock_seq } = vma.lock!
  const old = yield* atomic('refcount_inc_not_zero_limited_acquire(&vma->vm_refcnt)', (m) => {
    const count = m.get(vm_refcnt)
    if (count > 0 && !(count & VM_REFCNT_EXCLUDE_READERS_FLAG)) m.set(vm_refcnt, count + 1)
    return count
  }, { lock: taken(vm_refcnt, { mode: 'read', tries: true, succeeds: (count) => Number(count) > 0 && !(Number(count) & VM_REFCNT_EXCLUDE_READERS_FLAG) }) })
  if (old === 0) return 'again'
  if (old & VM_REFCNT_EXCLUDE_READERS_FLAG) return false
  const ours = has('mutant-vma-of-any-mm') || (yield* load(vma.vm_mm, { label: 'vma->vm_mm == mm?' })) === mm.ref
  const locked = ours && !has('mutant-vma-seq-unread') && (yield* load(vm_lock_seq, { label: 'vma->vm_lock_seq == mm_lock_seq?' })) !== 0
  if (ours && !locked) return true
  yield* vma_end_read(vma)
  return false
}
