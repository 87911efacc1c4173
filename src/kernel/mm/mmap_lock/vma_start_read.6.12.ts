import { load, type Steps } from '../../../engine/model/step.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { down_read_trylock } from '../../locking/rwsem.js'
import { vma_end_read } from './vma_end_read.js'
import type { StartedRead } from './vma_start_read.js'

/** include/linux/mm.h:vma_start_read, until 6.15, and what lock_vma_under_rcu() looks at then. The VMA stays what it is for as long as RCU is held. */
export function* vma_start_read_6_12(vma: Vma): Steps<StartedRead> {
  const { vm_lock, vm_lock_seq, detached } = vma.lock!
  if (!(yield* down_read_trylock(vm_lock, 'down_read_trylock(&vma->vm_lock->lock)'))) return false
  const locked = !has('mutant-vma-seq-unread') && (yield* load(vm_lock_seq, { label: 'vma->vm_lock_seq == mm_lock_seq?' })) !== 0
  const gone = !locked && !has('mutant-vma-detached-unread') && (yield* load(detached, { label: 'vma->detached?' })) !== 0
  if (!locked && !gone) return true
  yield* vma_end_read(vma)
  return gone ? 'again' : false
}
