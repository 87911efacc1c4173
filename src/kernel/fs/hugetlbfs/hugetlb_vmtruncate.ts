import { load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_write, up_write } from '../../locking/rwsem.js'
import { promise, promise_starts } from '../../observer.js'
import { hugetlb_vma_trylock_write, hugetlb_vma_unlock_write } from '../../mm/hugetlb/hugetlb_vma_lock.js'
import { unmap_hugepage_range } from '../../mm/hugetlb/unmap_hugepage_range.js'
import { vma_interval_tree } from '../../mm/mmap/vma_interval_tree.js'
import { vma_part } from './hugetlb_unmap_file_folio.js'
import { remove_inode_hugepages } from './remove_inode_hugepages.js'

function* unmap_part(vma: Vma, from: number, to: number): Steps {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  yield* promise_starts(mm, from, to)
  yield* unmap_hugepage_range(vma, from, to)
  yield* promise(mm, from, to, 'no access', 'hugetlb_vmdelete_list()')
}

/** fs/hugetlbfs/inode.c:hugetlb_vmdelete_list, under i_mmap_rwsem. Whose lock somebody else has is left for later. */
export function* hugetlb_vmdelete_list(mapping: AddressSpace, start: number, end?: number): Steps {
  for (const vma of yield* vma_interval_tree(mapping)) {
    const [from, to] = yield* vma_part(vma, start, end)
    if (from >= to || !(yield* hugetlb_vma_trylock_write(vma))) continue
    yield* unmap_part(vma, from, to)
    yield* hugetlb_vma_unlock_write(vma)
  }
}

/** fs/hugetlbfs/inode.c:hugetlb_vmtruncate: the file ends after `size` huge pages. */
export function* hugetlb_vmtruncate(mapping: AddressSpace, size: number): Steps {
  yield* down_write(mapping.i_rwsem, 'inode_lock(inode)')
  yield* store(mapping.i_size, size, { label: 'i_size_write(inode, offset)' })
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  yield* hugetlb_vmdelete_list(mapping, size)
  yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  yield* remove_inode_hugepages(mapping, size)
  yield* up_write(mapping.i_rwsem, 'inode_unlock(inode)')
}

/** fs/hugetlbfs/inode.c:hugetlbfs_punch_hole, of the whole huge pages [start, end). */
export function* hugetlbfs_punch_hole(mapping: AddressSpace, start: number, end: number): Steps {
  yield* down_write(mapping.i_rwsem, 'inode_lock(inode)')
  yield* down_write(mapping.i_mmap_rwsem, 'i_mmap_lock_write(mapping)')
  yield* hugetlb_vmdelete_list(mapping, start, end)
  yield* up_write(mapping.i_mmap_rwsem, 'i_mmap_unlock_write(mapping)')
  yield* remove_inode_hugepages(mapping, start, end)
  yield* up_write(mapping.i_rwsem, 'inode_unlock(inode)')
}
