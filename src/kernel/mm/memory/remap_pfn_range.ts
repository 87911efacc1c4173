import { load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { bug } from '../../bug.js'
import { EINVAL, ENOMEM } from '../../include/errno.js'
import { pfn_pte, pte_none } from '../../include/pgtable.js'
import { VM_DONTEXPAND, VM_IO, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { is_cow_mapping } from './copy_pte.js'
import { get_locked_pte } from './get_locked_pte.js'
import { special } from './insert_pfn.js'

function* remap_pte(vma: Vma, address: number, pfn: number, prot: number): Steps<number> {
  const locked = yield* get_locked_pte(vma, address)
  if (!locked) return -ENOMEM
  const { ptep, ptl } = locked
  yield* arch_enter_lazy_mmu_mode()
  if (!pte_none(yield* ptep_get(ptep))) yield* bug('remap_pfn_range() over an entry that is there')
  yield* set_pte_at(ptep, special(pfn_pte(pfn, prot), false))
  yield* arch_leave_lazy_mmu_mode()
  yield* spin_unlock(ptl)
  return 0
}

/**
 * mm/memory.c:remap_pfn_range, in an mmap handler: `nr` frames from `pfn` on, linearly. Only a mapping of the whole VMA may be
 * private: vm_pgoff then tells the frames from the copies. 0 or a negative error number.
 */
export function* remap_pfn_range(vma: Vma, address: number, pfn: number, nr: number): Steps<number> {
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (is_cow_mapping(flags)) {
    const whole = address === (yield* load(vma.vm_start, { label: 'vma->vm_start' })) &&
      address + nr === (yield* load(vma.vm_end, { label: 'vma->vm_end' }))
    if (!whole) return -EINVAL
    yield* store(vma.vm_pgoff, pfn, { label: 'vma->vm_pgoff = pfn' })
  }
  yield* setBits(vma.vm_flags, VM_IO | VM_PFNMAP | VM_DONTEXPAND, { label: 'vma->vm_flags |= VM_IO | VM_PFNMAP' })
  const prot = yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })
  for (let i = 0; i < nr; i++) {
    const error = yield* remap_pte(vma, address + i, pfn + i, prot)
    if (error) return error
  }
  return 0
}
