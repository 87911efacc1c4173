import type { Access } from '../../../engine/model/memory.js'
import { load, type Steps, store } from '../../../engine/model/step.js'
import { VM_HUGETLB, VM_MAYSHARE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_read, down_write, up_read, up_write } from '../../locking/rwsem.js'

/*
 * mm/hugetlb.c: the lock of a shared mapping. Faults hold it for reading, so that the table that they work on is not
 * unshared. Private mappings do without (6.1 gives them the lock of their reservations, which nothing here takes away).
 */

/** include/linux/hugetlb_inline.h:is_vm_hugetlb_page. No step in a kernel without hugetlbfs. */
export function* is_vm_hugetlb_page(vma: Vma): Steps<boolean> {
  if (kernel().geometry.hugetlbPages === 0) return false
  return ((yield* load(vma.vm_flags, { label: 'is_vm_hugetlb_page(vma)' })) & VM_HUGETLB) !== 0
}

/** hugetlb_vma_lock_alloc, of a VMA that nobody can find yet. */
export const hugetlb_vma_lock_alloc = (m: Access, vma: Vma): void => {
  const needed = VM_HUGETLB | VM_MAYSHARE
  m.set(vma.vm_private_data, (m.get(vma.vm_flags) & needed) === needed ? 1 : 0)
  m.set(vma.hugetlb_vma_lock, 0)
}

const has_lock = (vma: Vma) => load(vma.vm_private_data, { label: '__vma_shareable_lock(vma)' })

export function* hugetlb_vma_lock_read(vma: Vma): Steps {
  if (yield* has_lock(vma)) yield* down_read(vma.hugetlb_vma_lock, 'hugetlb_vma_lock_read(vma)')
}

export function* hugetlb_vma_unlock_read(vma: Vma): Steps {
  if (yield* has_lock(vma)) yield* up_read(vma.hugetlb_vma_lock, 'hugetlb_vma_unlock_read(vma)')
}

export function* hugetlb_vma_lock_write(vma: Vma): Steps {
  if (yield* has_lock(vma)) yield* down_write(vma.hugetlb_vma_lock, 'hugetlb_vma_lock_write(vma)')
}

export function* hugetlb_vma_unlock_write(vma: Vma): Steps {
  if (yield* has_lock(vma)) yield* up_write(vma.hugetlb_vma_lock, 'hugetlb_vma_unlock_write(vma)')
}

/** __hugetlb_vma_unlock_write_free: from here on nobody shares the tables of this VMA. */
export function* __hugetlb_vma_unlock_write_free(vma: Vma): Steps {
  if (!(yield* has_lock(vma))) return
  yield* store(vma.vm_private_data, 0, { label: 'vma->vm_private_data = NULL' })
  yield* up_write(vma.hugetlb_vma_lock, '__hugetlb_vma_unlock_write_free(vma)')
}
