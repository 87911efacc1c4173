import { atomic, Blocked, fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import type { Vma } from '../../include/vma.js'
import { VM_REFCNT_EXCLUDE_READERS_FLAG } from '../../include/vma_lock.js'
import { has } from '../../kernel.js'
import { released, taken } from '../../locking/lock-op.js'
import { per_vma_lock } from './per_vma_lock.js'
import { vma_start_write_6_12 } from './vma_start_write.6.12.js'

/**
 * mm/mmap_lock.c:__vma_start_exclude_readers. Waits until `left` is all that is counted. False if the VMA is detached.
 */
export function* __vma_start_exclude_readers(vma: Vma, left: number): Steps<boolean> {
  const { vm_refcnt } = vma.lock!
  const attached = yield* atomic('refcount_add_not_zero(EXCLUDE_READERS, &vma->vm_refcnt)', (m) => {
    const count = m.get(vm_refcnt)
    if (count > 0) m.set(vm_refcnt, count + VM_REFCNT_EXCLUDE_READERS_FLAG)
    return count > 0
  })
  if (!attached) return false
  yield* atomic('rcuwait_wait_event(vm_refcnt)', (m) => (m.get(vm_refcnt) === VM_REFCNT_EXCLUDE_READERS_FLAG + left ? undefined : new Blocked('read-locked')),
    { order: 'acquire', lock: taken(vm_refcnt, { sleeps: true }) })
  return true
}

/** mm/mmap_lock.c:__vma_end_exclude_readers */
export function* __vma_end_exclude_readers(vma: Vma): Steps {
  const { vm_refcnt } = vma.lock!
  yield* fetchAdd(vm_refcnt, -VM_REFCNT_EXCLUDE_READERS_FLAG, { label: 'refcount_sub(EXCLUDE_READERS, &vma->vm_refcnt)', order: 'release', lock: released(vm_refcnt) })
}

/**
 * mm/mmap_lock.c:__vma_start_write. With the mmap_lock held for writing: no fault is under way in this VMA when it returns, and none begins
 * until the mmap_lock is dropped or downgraded.
 */
export function* vma_start_write(vma: Vma): Steps {
  if (!per_vma_lock()) return
  const { vm_lock_seq } = vma.lock!
  if (yield* load(vm_lock_seq, { label: '__is_vma_write_locked(vma)' })) return
  if (!has('vma-refcount')) return yield* vma_start_write_6_12(vma)
  const exclusive = !has('mutant-vma-write-without-wait') && (yield* __vma_start_exclude_readers(vma, 1))
  yield* store(vm_lock_seq, 1, { label: 'vma->vm_lock_seq = mm_lock_seq' })
  if (exclusive) yield* __vma_end_exclude_readers(vma)
}
