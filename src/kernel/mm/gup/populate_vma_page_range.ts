import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { EINVAL } from '../../include/errno.js'
import { FOLL_FORCE, FOLL_HWPOISON, FOLL_TOUCH, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import { VM_ACCESS_FLAGS, VM_IO, VM_LOCKONFAULT, VM_PFNMAP, VM_SHARED, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { first_vma_above } from '../mmap/vma_list.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { __get_user_pages, check_vma_flags } from './get_user_pages.js'

function* populate(mm: Mm, start: number, end: number, flags: number): Steps<number> {
  const { done, error } = yield* __get_user_pages(mm, start, end - start, flags)
  yield* lru_add_drain()
  return done || error
}

/** mm/gup.c:populate_vma_page_range. Pages done, or a negative error number. */
export function* populate_vma_page_range(mm: Mm, vma: Vma, start: number, end: number): Steps<number> {
  const vm_flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & VM_LOCKONFAULT) return end - start
  const write = (vm_flags & (VM_WRITE | VM_SHARED)) === VM_WRITE ? FOLL_WRITE : 0
  return yield* populate(mm, start, end, FOLL_TOUCH | write | (vm_flags & VM_ACCESS_FLAGS ? FOLL_FORCE : 0))
}

/** mm/gup.c:faultin_vma_page_range, of MADV_POPULATE. */
export function* faultin_vma_page_range(mm: Mm, vma: Vma, start: number, end: number, write: boolean): Steps<number> {
  const flags = FOLL_TOUCH | FOLL_HWPOISON | (write ? FOLL_WRITE : 0)
  if (check_vma_flags(yield* load(vma.vm_flags, { label: 'vma->vm_flags' }), flags)) return -EINVAL
  return yield* populate(mm, start, end, flags)
}

/** mm/gup.c:__mm_populate. 0 or a negative error number. */
export function* __mm_populate(mm: Mm, start: number, end: number, ignore_errors: boolean): Steps<number> {
  yield* mmap_read_lock(mm)
  let result = 0
  for (let at = start; at < end && result === 0;) {
    const from = at
    const found = yield* atomic('vma = find_vma_intersection()', (m) => {
      const vma = first_vma_above(m, mm, from)
      return vma && { vma, start: m.get(vma.vm_start), end: m.get(vma.vm_end), vm_flags: m.get(vma.vm_flags) }
    })
    if (!found || found.start >= end) break
    const until = Math.min(end, found.end)
    const first = Math.max(at, found.start)
    const skip = found.vm_flags & (VM_IO | VM_PFNMAP)
    const done: number = skip ? until - first : yield* populate_vma_page_range(mm, found.vma, first, until)
    at = done < 0 ? until : first + done
    if (done < 0 && !ignore_errors) result = done
  }
  yield* mmap_read_unlock(mm)
  return result
}
