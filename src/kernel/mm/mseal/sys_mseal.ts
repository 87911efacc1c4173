import { atomic, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import { EINVAL, ENOMEM, ENOSYS } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { VM_SEALED } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { find_vma_range, vma_with_flags } from '../mmap/for_each_vma_part.js'
import { vmas_of_mm } from '../mmap/vma_list.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

const overlapping = (mm: Mm, start: number, end: number) =>
  atomic('for_each_vma_range()', (m) => vmas_of_mm(m, mm).filter((vma) => m.get(vma.vm_start) < end && m.get(vma.vm_end) > start)
    .map((vma) => ({ start: m.get(vma.vm_start), end: m.get(vma.vm_end), vm_flags: m.get(vma.vm_flags) })))

/** mm/vma.h:can_modify_vma, of all VMAs of a range, with the mmap_lock for writing. No step in kernels that seal nothing. */
export function* can_modify_range(mm: Mm, start: number, end: number): Steps<boolean> {
  if (!has('mseal')) return true
  return (yield* overlapping(mm, start, end)).every(({ vm_flags }) => !(vm_flags & VM_SEALED))
}

/** mm/mseal.c:range_contains_unmapped */
function* range_contains_unmapped(mm: Mm, start: number, end: number): Steps<boolean> {
  let at = start
  for (const part of yield* overlapping(mm, start, end)) {
    if (part.start > at) return true
    at = part.end
  }
  return at < end
}

const vm_flags_set = (flags: Parameters<typeof setBits>[0]): Step => setBits(flags, VM_SEALED, { label: 'vm_flags_set(vma, VM_SEALED)' })

/** mm/mseal.c:mseal_apply */
function* mseal_apply(mm: Mm, start: number, end: number): Steps {
  for (let at = start; at < end;) {
    const range = (yield* find_vma_range(mm, at))!
    const next = Math.min(range.end, end)
    if (!(range.vm_flags & VM_SEALED)) {
      const vma = yield* vma_with_flags(mm, range, at, next, range.vm_flags | VM_SEALED)
      yield* vma_start_write(vma)
      yield* vm_flags_set(vma.vm_flags)
    }
    at = next
  }
}

/** mseal(), `len` pages: what is mapped there is not unmapped, moved or protected otherwise any more. 0 or a negative error number. */
export function* sys_mseal(mm: Mm, start: number, len: number): Steps<number> {
  if (!has('mseal')) return -ENOSYS
  if (start + len > kernel().taskSize) return -EINVAL
  yield* mmap_write_lock(mm)
  const hole = yield* range_contains_unmapped(mm, start, start + len)
  if (!hole) yield* mseal_apply(mm, start, start + len)
  yield* mmap_write_unlock(mm)
  return hole ? -ENOMEM : 0
}
