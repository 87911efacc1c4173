import type { Steps } from '../../../engine/model/step.js'
import { EFAULT, EINVAL, EPERM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { VM_DONTEXPAND, VM_PFNMAP, VM_SEALED } from '../../include/vm_flags.js'
import { has } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { find_vma_range } from '../mmap/for_each_vma_part.js'
import { can_modify_range } from '../mseal/sys_mseal.js'
import { do_munmap } from '../mmap/munmap.js'
import { move_vma } from './move_vma.js'
import { remap_move } from './remap_move.js'

const overlaps = (addr: number, len: number, new_addr: number): boolean => addr + len > new_addr && new_addr + len > addr

/** mm/mremap.c:mremap_to. 0 or a negative error number. */
export function* mremap_to(mm: Mm, addr: number, len: number, new_addr: number, dontunmap: boolean): Steps<number> {
  if (overlaps(addr, len, new_addr)) return -EINVAL
  if (!(yield* can_modify_range(mm, new_addr, new_addr + len))) return -EPERM
  yield* do_munmap(mm, new_addr, len)
  const range = yield* find_vma_range(mm, addr)
  if (!range || range.start > addr) return -EFAULT
  if (dontunmap && range.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) return -EINVAL
  if (len > range.end - addr) return -EFAULT
  yield* move_vma(mm, range, addr, len, new_addr, dontunmap)
  return 0
}

function* move_one(mm: Mm, addr: number, len: number, new_addr: number, dontunmap: boolean): Steps<number> {
  const range = yield* find_vma_range(mm, addr)
  if (range && range.start <= addr && range.vm_flags & VM_SEALED) return -EPERM
  return range && range.start <= addr ? yield* mremap_to(mm, addr, len, new_addr, dontunmap) : -EFAULT
}

/** mremap() to a fixed address, without a change of size. 0 or a negative error number. */
export function* sys_mremap(mm: Mm, addr: number, len: number, new_addr: number, dontunmap: boolean): Steps<number> {
  const several = has('mremap-several')
  if (len <= 0 || (several && overlaps(addr, len, new_addr))) return -EINVAL
  yield* mmap_write_lock(mm)
  const result = yield* several ? remap_move(mm, addr, len, new_addr, dontunmap) : move_one(mm, addr, len, new_addr, dontunmap)
  yield* mmap_write_unlock(mm)
  return result
}
