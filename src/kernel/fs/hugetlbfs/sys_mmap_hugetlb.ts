import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { EINVAL, ENOMEM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import {
  VM_DONTEXPAND, VM_HUGETLB, VM_MAYEXEC, VM_MAYREAD, VM_MAYSHARE, VM_MAYWRITE, VM_NORESERVE, VM_SHARED,
} from '../../include/vm_flags.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { fput } from '../../mm/mmap/fput.js'
import { do_munmap } from '../../mm/mmap/munmap.js'
import { new_vma, vma_link } from '../../mm/mmap/mmap_region.js'
import { calc_vm_prot_bits } from '../../mm/mmap/vm_page_prot.js'
import { hugetlb_vma_lock_free } from '../../mm/hugetlb/hugetlb_vma_lock.js'
import { hugetlbfs_file_mmap } from './hugetlbfs_file_mmap.js'
import { vm_area_free } from '../../mm/mmap_lock/vma_area.js'

export interface HugetlbMapping {
  /** MAP_SHARED. */
  readonly shared: boolean
  /** The file; default one of its own. */
  readonly file?: number
  readonly pgoff?: number
  /** MAP_NORESERVE: no huge pages are set aside. */
  readonly noreserve?: boolean
}

/** mm/mmap.c:mmap_region of a file of hugetlbfs, with which no VMA is merged. */
function* map_hugetlb(mm: Mm, addr: number, len: number, vm_flags: number, { file = 0, pgoff = 0 }: HugetlbMapping): Steps<number> {
  yield* do_munmap(mm, addr, len)
  const vma = yield* atomic('vma = vm_area_alloc(mm)', (m) => new_vma(m, mm, addr, addr + len, { vm_flags, anon_vma: 0, file, pgoff }))
  if (yield* hugetlbfs_file_mmap(vma)) {
    yield* atomic('vma_link(mm, vma)', (m) => vma_link(m, mm, vma))
    return 0
  }
  yield* hugetlb_vma_lock_free(vma)
  yield* fput(yield* load(vma.vm_file, { label: 'vma->vm_file' }), true)
  yield* atomic('vm_area_free(vma)', (m) => vm_area_free(m, vma))
  return -ENOMEM
}

/** mmap() of hugetlbfs at a fixed address, `len` huge pages. 0 or a negative error number. */
export function* sys_mmap_hugetlb(mm: Mm, addr: number, len: number, prot: number, mapping: HugetlbMapping): Steps<number> {
  if (len <= 0) return -EINVAL
  const may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_HUGETLB | VM_DONTEXPAND
  const shared = mapping.shared ? VM_SHARED | VM_MAYSHARE : 0
  const flags = calc_vm_prot_bits(prot) | may | shared | (mapping.noreserve ? VM_NORESERVE : 0)
  yield* mmap_write_lock(mm)
  const error = yield* map_hugetlb(mm, addr, len, flags, mapping)
  yield* mmap_write_unlock(mm)
  return error
}
