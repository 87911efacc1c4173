import { atomic, type Steps } from '../../engine/model/step.js'
import type { AddressSpace } from '../include/address_space.js'
import { add } from '../include/cells.js'
import { EINVAL } from '../include/errno.js'
import type { Mm } from '../include/mm.js'
import { VM_IO, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_PFNMAP, VM_READ, VM_SHARED, VM_WRITE } from '../include/vm_flags.js'
import type { Vma } from '../include/vma.js'
import { kernel } from '../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../locking/mmap_lock.js'
import { unmap_vmas } from '../mm/memory/unmap_page_range.js'
import { fput } from '../mm/mmap/fput.js'
import { new_vma, vma_link } from '../mm/mmap/mmap_region.js'
import { do_munmap } from '../mm/mmap/munmap.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mm/mmu_gather/mmu_gather.js'
import { vm_area_free } from '../mm/mmap_lock/vma_area.js'

export interface DeviceMapping {
  /** First address, and from where in the file, in pages. Default 0. */
  readonly start?: number
  readonly pages?: number
  readonly pgoff?: number
  /** What the driver makes of the VMA. Default: VM_PFNMAP | VM_IO. */
  readonly flags?: number
}

/** mm/mmap.c:mmap_region, unmap_and_free_vma: the driver did not want it. */
function* unmap_and_free_vma(mm: Mm, vma: Vma, file: AddressSpace, start: number, end: number): Steps {
  yield* fput(file.ref)
  const tlb = yield* tlb_gather_mmu(mm)
  yield* unmap_vmas(mm, tlb, [vma], start, end)
  yield* tlb_finish_mmu(mm, tlb)
  yield* atomic('vm_area_free(vma)', (m) => vm_area_free(m, vma))
}

/**
 * mmap() of a device file, shared. The driver's mmap() has the VMA before anybody finds it, by address or through the file;
 * what it maps meanwhile no unmap_mapping_range() takes away. 0 or a negative error number.
 */
export function* mmap_device(mm: Mm, file: AddressSpace, { start = 0, pages = 1, pgoff = 0, flags = VM_PFNMAP | VM_IO }: DeviceMapping = {}): Steps<number> {
  const end = start + pages
  if (end > kernel().taskSize) return -EINVAL
  yield* mmap_write_lock(mm)
  yield* do_munmap(mm, start, pages)
  const vma = yield* atomic('vma = vm_area_alloc(mm)', (m) => {
    add(m, file.f_count, 1)
    const vm_flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_SHARED | VM_MAYSHARE | flags
    return new_vma(m, mm, start, end, { vm_flags, anon_vma: 0, file: file.ref, pgoff })
  })
  const error = file.mmap ? (yield* file.mmap(vma)) ?? 0 : 0
  if (error) yield* unmap_and_free_vma(mm, vma, file, start, end)
  else yield* atomic('vma_link(mm, vma)', (m) => vma_link(m, mm, vma))
  yield* mmap_write_unlock(mm)
  return error
}
