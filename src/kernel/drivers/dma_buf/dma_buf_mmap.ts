import type { Steps } from '../../../engine/model/step.js'
import { ENODEV } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_READ, VM_SHARED, VM_WRITE } from '../../include/vm_flags.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { mmap_region } from '../../mm/mmap/mmap_region.js'
import { ttm_bo_mmap_flags } from '../ttm/ttm_bo_mmap_obj.js'
import type { DmaBuf } from './dma_buf.js'

/**
 * mmap() of an object that its driver has imported, one page: drivers/dma-buf/dma-buf.c:dma_buf_mmap gives the VMA the file of
 * the dma-buf (vma_set_file) and the exporter does the rest, so that its fault handler and its unmapping are those for the
 * mapping. The VMA is linked into the mapping of that file when all is set. 0 or a negative error number.
 */
export function* dma_buf_mmap({ f_mapping }: DmaBuf, mm: Mm, address: number): Steps<number> {
  if (!f_mapping) return -ENODEV
  const flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_SHARED | VM_MAYSHARE | ttm_bo_mmap_flags()
  yield* mmap_write_lock(mm)
  yield* mmap_region(mm, address, 1, flags, 0, f_mapping.ref)
  yield* mmap_write_unlock(mm)
  return 0
}
