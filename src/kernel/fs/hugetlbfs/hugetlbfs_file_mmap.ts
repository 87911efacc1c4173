import { load, type Steps, store } from '../../../engine/model/step.js'
import { VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { hugetlb_reserve_pages } from '../../mm/hugetlb/hugetlb_reserve_pages.js'

/** fs/hugetlbfs/inode.c:hugetlbfs_file_mmap. False (-ENOMEM): there are not enough huge pages to set aside. */
export function* hugetlbfs_file_mmap(vma: Vma): Steps<boolean> {
  const mapping = kernel().files.deref(yield* load(vma.vm_file, { label: 'vma->vm_file' }))
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  const pgoff = yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' })
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const len = pgoff + (yield* load(vma.vm_end, { label: 'vma->vm_end' })) - start
  yield* down_write(mapping.i_rwsem, 'inode_lock(inode)')
  const reserved = yield* hugetlb_reserve_pages(mapping, pgoff, len, vma, vm_flags)
  if (reserved && vm_flags & VM_WRITE && (yield* load(mapping.i_size, { label: 'inode->i_size' })) < len) {
    yield* store(mapping.i_size, len, { label: 'i_size_write(inode, len)' })
  }
  yield* up_write(mapping.i_rwsem, 'inode_unlock(inode)')
  return reserved
}
