import { load, type Step, type Steps } from '../../../engine/model/step.js'
import { ENOENT } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { userfaultfd_wp } from '../../include/userfaultfd.js'
import { VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { CALL_STARTS, observe, promise, promise_starts } from '../../observer.js'
import { find_vma } from '../find_vma.js'
import { vm_get_page_prot } from '../mmap/vm_page_prot.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { change_protection } from '../mprotect/change_protection.js'

const write_protects = (mm: Mm, start: number, end: number, on: boolean): Step<void> =>
  observe(CALL_STARTS, (o, m) => o.writeProtects?.(m, mm, start, end, on))

/** mm/userfaultfd.c:uffd_wp_range */
export function* uffd_wp_range(mm: Mm, vma: Vma, vm_flags: number, start: number, end: number, enable_wp: boolean): Steps {
  if (!enable_wp) yield* write_protects(mm, start, end, false)
  const prot = vm_get_page_prot(enable_wp ? vm_flags & ~VM_WRITE : vm_flags)
  const tlb = yield* tlb_gather_mmu(mm)
  yield* change_protection(mm, tlb, vma, start, end, {
    prot, try_writable: false, prot_numa: false, uffd_wp: enable_wp, uffd_wp_resolve: !enable_wp,
  })
  yield* tlb_finish_mmu(mm, tlb)
}

/** mm/userfaultfd.c:mwriteprotect_range. With the mmap_lock held for reading only, unlike mprotect(). 0 or -ENOENT. */
export function* mwriteprotect_range(mm: Mm, start: number, len: number, enable_wp: boolean): Steps<number> {
  const end = start + len
  yield* mmap_read_lock(mm)
  const vma = yield* find_vma(mm, start)
  const vm_flags = vma ? yield* load(vma.vm_flags, { label: 'vma->vm_flags' }) : 0
  const inside = vma !== undefined && userfaultfd_wp(vm_flags) && start >= (yield* load(vma.vm_start, { label: 'vma->vm_start' })) &&
    end <= (yield* load(vma.vm_end, { label: 'vma->vm_end' }))
  if (inside) {
    if (enable_wp) yield* promise_starts(mm, start, end)
    yield* uffd_wp_range(mm, vma, vm_flags, start, end, enable_wp)
    if (enable_wp) {
      yield* promise(mm, start, end, 'no write', 'UFFDIO_WRITEPROTECT')
      yield* write_protects(mm, start, end, true)
    }
  }
  yield* mmap_read_unlock(mm)
  return inside ? 0 : -ENOENT
}
