import type { Access } from '../../../engine/model/memory.js'
import { atomic, fetchAdd, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { per_vma_lock } from './per_vma_lock.js'
import { __vma_end_exclude_readers, __vma_start_exclude_readers } from './vma_start_write.js'

/** include/linux/mmap_lock.h:vma_mark_attached, of a VMA that becomes part of the tree in this step, locked for writing as all that do. */
export function vma_mark_attached(m: Access, vma: Vma): void {
  if (!vma.lock) return
  m.set(vma.lock.vm_lock_seq, 1)
  m.set(vma.lock.vm_refcnt, 1)
  m.set(vma.lock.detached, 0)
}

/**
 * include/linux/mmap_lock.h:vma_mark_detached, of a VMA that is locked for writing. Whoever counts itself as a reader now has not yet seen that it
 * is, and is waited for.
 */
export function* vma_mark_detached(vma: Vma): Steps {
  if (!per_vma_lock()) return
  const { vm_refcnt, detached } = vma.lock!
  if (!has('vma-refcount')) return void (yield* store(detached, 1, { label: 'vma->detached = true' }))
  if ((yield* fetchAdd(vm_refcnt, -1, { label: 'vma_refcount_put_return(vma)' })) === 1) return
  if (has('mutant-detach-without-wait')) return
  if (yield* __vma_start_exclude_readers(vma, 0)) yield* __vma_end_exclude_readers(vma)
}

/** include/linux/mmap_lock.h:vma_end_write_all: before the mmap_lock is dropped or downgraded, all VMAs of the mm are unlocked at once. */
export const vma_end_write_all = (mm: Mm): Step<void> => atomic('vma_end_write_all(mm)', (m) => {
  for (const { vm_mm, lock } of kernel().vmas.objects) if (lock && m.get(vm_mm) === mm.ref) m.set(lock.vm_lock_seq, 0)
})
