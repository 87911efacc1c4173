import { type Steps, store } from '../../../engine/model/step.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'

/** include/linux/mm.h:vma_start_write, until 6.15, of a VMA that is not locked yet. */
export function* vma_start_write_6_12(vma: Vma): Steps {
  const { vm_lock, vm_lock_seq } = vma.lock!
  const waits = !has('mutant-vma-write-without-wait')
  if (waits) yield* down_write(vm_lock, 'down_write(&vma->vm_lock->lock)')
  yield* store(vm_lock_seq, 1, { label: 'vma->vm_lock_seq = mm_lock_seq' })
  if (waits) yield* up_write(vm_lock, 'up_write(&vma->vm_lock->lock)')
}
