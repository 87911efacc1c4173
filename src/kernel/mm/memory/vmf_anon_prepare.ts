import { load, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_VMA_LOCK, VM_FAULT_RETRY, type VmFault } from '../../include/fault.js'
import { mmap_read_trylock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { vma_end_read } from '../mmap_lock/vma_end_read.js'
import { anon_vma_prepare } from '../rmap/anon_vma.js'

/**
 * mm/memory.c:vmf_anon_prepare. An anon_vma may come from a VMA beside this one, whose lock a fault does not have: it takes the mmap_lock for that.
 * VM_FAULT_RETRY, and the VMA unlocked, if it would have to wait for it.
 */
export function* vmf_anon_prepare({ mm, vma, flags }: Pick<VmFault, 'mm' | 'vma' | 'flags'>): Steps<number> {
  if (!(flags & FAULT_FLAG_VMA_LOCK)) {
    yield* anon_vma_prepare(vma)
    return 0
  }
  if (yield* load(vma.anon_vma, { label: 'vma->anon_vma' })) return 0
  if (!(yield* mmap_read_trylock(mm))) {
    yield* vma_end_read(vma)
    return VM_FAULT_RETRY
  }
  yield* anon_vma_prepare(vma)
  yield* mmap_read_unlock(mm)
  return 0
}
