import type { Steps } from '../../../engine/model/step.js'
import { userfaultfd_armed } from '../../fs/userfaultfd/userfaultfd_armed.js'
import { EFAULT, EINVAL, EPERM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { VM_DONTEXPAND, VM_PFNMAP, VM_SEALED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { find_vma_range } from '../mmap/for_each_vma_part.js'
import { can_modify_range } from '../mseal/sys_mseal.js'
import { do_munmap } from '../mmap/munmap.js'
import { move_vma } from './move_vma.js'

/** mm/mremap.c:vma_multi_allowed. Who places mappings as he likes may not obey MREMAP_FIXED. */
function* vma_multi_allowed(vma: Vma): Steps<boolean> {
  return !(yield* userfaultfd_armed(vma))
}

/** mm/mremap.c:mremap_to of a part of one VMA, after check_prep_vma(). */
function* move_part(mm: Mm, addr: number, len: number, new_addr: number, dontunmap: boolean): Steps<number> {
  const before = (yield* find_vma_range(mm, addr))!
  if (dontunmap && before.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) return -EINVAL
  if (before.vm_flags & VM_SEALED || !(yield* can_modify_range(mm, new_addr, new_addr + len))) return -EPERM
  yield* do_munmap(mm, new_addr, len)
  const range = yield* find_vma_range(mm, addr)
  if (!range || range.start > addr) return -EFAULT
  yield* move_vma(mm, range, addr, len, new_addr, dontunmap)
  return 0
}

/**
 * mm/mremap.c:remap_move. All VMAs of a range move, one after the other, with the holes between them; what has moved before one fails
 * stays where it is then. 0 or a negative error number.
 */
export function* remap_move(mm: Mm, start: number, len: number, new_addr: number, dontunmap: boolean): Steps<number> {
  const end = start + len
  let seen = false
  for (let at = start; at < end;) {
    const range = yield* find_vma_range(mm, at)
    if (!range || range.start >= end) break
    if (!seen && start < range.start) return -EFAULT
    const addr = Math.max(range.start, start)
    const until = Math.min(end, range.end)
    if (!(yield* vma_multi_allowed(range.vma)) && (seen || range.end < end)) return -EFAULT
    const error: number = yield* move_part(mm, addr, until - addr, new_addr + addr - start, dontunmap)
    if (error) return error
    seen = true
    at = until
  }
  return seen ? 0 : -EFAULT
}
