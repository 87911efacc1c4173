import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { EACCES, EINVAL, ENOMEM, EPERM } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { VM_ACCESS_FLAGS, VM_ACCOUNT, VM_HUGETLB, VM_LOCKED, VM_NORESERVE, VM_SEALED, VM_SHARED, VM_SOFTDIRTY, VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { mmap_write_lock, mmap_write_unlock } from '../../locking/mmap_lock.js'
import { promise, promise_starts } from '../../observer.js'
import type { MmuGather } from '../../percpu.js'
import { populate_vma_page_range } from '../gup/populate_vma_page_range.js'
import { find_vma_range, type VmaRange, vma_with_flags } from '../mmap/for_each_vma_part.js'
import { calc_vm_prot_bits, vma_set_page_prot } from '../mmap/vm_page_prot.js'
import { tlb_finish_mmu, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { change_protection } from './change_protection.js'
import { vma_start_write } from '../mmap_lock/vma_start_write.js'

/** Anonymous memory in which no page was ever made. */
function* never_written(vma: Vma): Steps<boolean> {
  if (yield* load(vma.vm_file, { label: 'vma_is_anonymous(vma)' })) return false
  return (yield* load(vma.anon_vma, { label: '!vma->anon_vma' })) === 0
}

/** mm/mprotect.c:mprotect_fixup */
export function* mprotect_fixup(mm: Mm, tlb: MmuGather, range: VmaRange, start: number, end: number, flags: number): Steps {
  const old = range.vm_flags
  if (flags === old) return
  const charge = flags & VM_WRITE && !(old & (VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED | VM_NORESERVE))
  const uncharge = !charge && has('mprotect-unaccount') && old & VM_ACCOUNT && !(flags & VM_WRITE) && (yield* never_written(range.vma))
  const newflags = charge ? flags | VM_ACCOUNT : uncharge ? flags & ~VM_ACCOUNT : flags
  const vma = yield* vma_with_flags(mm, range, start, end, newflags)
  yield* vma_start_write(vma)
  const try_writable = yield* atomic('vma->vm_flags = newflags', (m) => {
    m.set(vma.vm_flags, newflags)
    vma_set_page_prot(m, vma)
    return (newflags & VM_SHARED ? newflags & VM_WRITE && !(newflags & VM_SOFTDIRTY) : newflags & VM_WRITE) !== 0
  })
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  yield* change_protection(mm, tlb, vma, start, end, { prot, try_writable: Boolean(try_writable), prot_numa: false })
  if ((old & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED && newflags & VM_WRITE) {
    yield* populate_vma_page_range(mm, vma, start, end)
  }
}

/** mm/mprotect.c:do_mprotect_pkey, the loop. */
export function* do_mprotect_pkey(mm: Mm, tlb: MmuGather, start: number, end: number, prot: number): Steps<number> {
  for (let at = start; at < end;) {
    const range = yield* find_vma_range(mm, at)
    if (!range || range.start > at) return -ENOMEM
    if (range.vm_flags & VM_SEALED) return -EPERM
    const newflags = calc_vm_prot_bits(prot) | (range.vm_flags & ~VM_ACCESS_FLAGS)
    if (newflags & ~(newflags >> 4) & VM_ACCESS_FLAGS) return -EACCES
    const next = Math.min(range.end, end)
    yield* mprotect_fixup(mm, tlb, range, at, next, newflags)
    at = next
  }
  return 0
}

/** mprotect(), `len` pages. 0 or a negative error number; what came before the error stays changed. */
export function* sys_mprotect(mm: Mm, start: number, len: number, prot: number): Steps<number> {
  if (len < 0) return -EINVAL
  if (len === 0) return 0
  yield* mmap_write_lock(mm)
  const first = yield* find_vma_range(mm, start)
  if (!first || first.start > start) {
    yield* mmap_write_unlock(mm)
    return -ENOMEM
  }
  yield* promise_starts(mm, start, start + len)
  const tlb = yield* tlb_gather_mmu(mm)
  const result = yield* do_mprotect_pkey(mm, tlb, start, start + len, prot)
  yield* tlb_finish_mmu(mm, tlb)
  const readable = calc_vm_prot_bits(prot) & VM_ACCESS_FLAGS
  if (!(readable & VM_WRITE)) yield* promise(mm, start, start + len, readable ? 'no write' : 'no use', 'mprotect()')
  yield* mmap_write_unlock(mm)
  return result
}
