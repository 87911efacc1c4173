import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { is_vm_hugetlb_page } from '../hugetlb/hugetlb_vma_lock.js'
import type { MmWalk, MmWalkOps } from './mm_walk.js'
import { walk_pgd_range } from './walk_pgd_range.js'

/** mm/pagewalk.c:walk_page_test. Whether to walk the VMA; for one of PFNs pte_hole() may end the walk. */
export function* walk_page_test<P>(start: number, end: number, walk: MmWalk<P>): Steps<boolean | number> {
  const { ops, vma } = walk
  if (ops.test_walk) return yield* ops.test_walk(walk)
  if (!((yield* load(vma!.vm_flags, { label: 'vma->vm_flags' })) & VM_PFNMAP)) return true
  return (ops.pte_hole ? yield* ops.pte_hole(start, end, walk) : 0) || false
}

/** mm/pagewalk.c:__walk_page_range: a part of a VMA that passed the test. In hugetlbfs nothing is walked without a hugetlb_entry(). */
export function* __walk_page_range<P>(start: number, end: number, walk: MmWalk<P>): Steps<number> {
  const { ops } = walk
  if (ops.pre_vma) yield* ops.pre_vma(start, end, walk)
  const result = (yield* is_vm_hugetlb_page(walk.vma!)) ? 0 : yield* walk_pgd_range(start, end, walk)
  if (ops.post_vma) yield* ops.post_vma(start, end, walk)
  return result
}

/** A part of a VMA, if it is to be walked. */
export function* walk_tested<P>(start: number, end: number, walk: MmWalk<P>): Steps<number | 'left out'> {
  const test = yield* walk_page_test(start, end, walk)
  if (typeof test === 'number') return test
  return test ? yield* __walk_page_range(start, end, walk) : 'left out'
}

/** mm/pagewalk.c:walk_page_vma. The mmap_lock is held. */
export function* walk_page_vma<P>(mm: Mm, vma: Vma, ops: MmWalkOps<P>, data: P): Steps<number> {
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
  const result = yield* walk_tested(start, end, { ops, mm, vma, no_vma: false, private: data })
  return result === 'left out' ? 0 : result
}
