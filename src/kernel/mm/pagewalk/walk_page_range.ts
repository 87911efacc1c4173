import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { find_vma } from '../find_vma.js'
import type { MmWalkOps } from './mm_walk.js'
import { walk_tested } from './walk_page_vma.js'
import { walk_pgd_range } from './walk_pgd_range.js'

/** A piece of the range: a hole between VMAs, or what is in one VMA. Its end, and the result. */
function* walk_piece<P>(mm: Mm, start: number, end: number, ops: MmWalkOps<P>, data: P): Steps<readonly [next: number, result: number]> {
  const vma = yield* find_vma(mm, start)
  const from = vma ? yield* load(vma.vm_start, { label: 'vma->vm_start' }) : end
  if (!vma || start < from) {
    const next = Math.min(end, from)
    // Nobody keeps the page tables of a hole: munmap() may be taking them away under the mmap_lock for reading.
    return [next, ops.pte_hole ? yield* ops.pte_hole(start, next, { ops, mm, vma: undefined, no_vma: false, private: data }) : 0]
  }
  const next = Math.min(end, yield* load(vma.vm_end, { label: 'vma->vm_end' }))
  const result = yield* walk_tested(start, next, { ops, mm, vma, no_vma: false, private: data })
  return [next, result === 'left out' ? 0 : result]
}

/** mm/pagewalk.c:walk_page_range. The mmap_lock is held. 0, or what a callback ended it with. */
export function* walk_page_range<P>(mm: Mm, start: number, end: number, ops: MmWalkOps<P>, data: P): Steps<number> {
  for (let at = start; at < end;) {
    const [next, result] = yield* walk_piece(mm, at, end, ops, data)
    if (result !== 0) return result
    at = next
  }
  return 0
}

/** mm/pagewalk.c:walk_page_range_novma: page tables whatever VMAs there are. The mmap_lock is held for writing. */
export const walk_page_range_novma = <P>(mm: Mm, start: number, end: number, ops: MmWalkOps<P>, data: P): Steps<number> =>
  walk_pgd_range(start, end, { ops, mm, vma: undefined, no_vma: true, private: data })
