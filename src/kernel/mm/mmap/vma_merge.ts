import { atomic, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { VM_SPECIAL } from '../../include/vm_flags.js'
import { __vma_adjust } from './vma_adjust.js'
import { can_vma_merge_after, can_vma_merge_before, is_mergeable_anon_vma, type VmaShape } from './vma_compatible.js'
import { first_vma_above } from './vma_list.js'

/** A call of __vma_adjust(), and the VMA that results. */
interface Merge {
  readonly vma: Vma
  readonly start: number
  readonly end: number
  readonly pgoff: number
  readonly expand: Vma
}

/**
 * mm/mmap.c:vma_merge. Makes [addr, end) part of a neighbour if it is alike; `prev` is the VMA before `addr`, or the one
 * that holds it. Returns the VMA that now covers the range, or undefined. Not with `except`, however alike.
 */
export function* vma_merge(mm: Mm, prev: Vma | undefined, addr: number, end: number, shape: VmaShape, except?: Vma): Steps<Vma | undefined> {
  if (shape.vm_flags & VM_SPECIAL) return undefined
  const merge = yield* atomic<Merge | undefined>('vma_merge(): which', (m) => {
    const pglen = end - addr
    const mid = first_vma_above(m, mm, prev ? m.get(prev.vm_end) : 0)
    const next = mid && m.get(mid.vm_end) === end ? first_vma_above(m, mm, m.get(mid.vm_end)) : mid
    const before = prev && prev !== except && m.get(prev.vm_end) === addr && can_vma_merge_after(m, prev, shape) ? prev : undefined
    const after = next && next !== except && m.get(next.vm_start) === end &&
      can_vma_merge_before(m, next, { ...shape, pgoff: shape.pgoff + pglen }) ? next : undefined
    if (before) {
      const both = after && is_mergeable_anon_vma(m, m.get(before.anon_vma), m.get(after.anon_vma), undefined)
      const upTo = both ? m.get(after.vm_end) : end
      return { vma: before, start: m.get(before.vm_start), end: upTo, pgoff: m.get(before.vm_pgoff), expand: before }
    }
    if (!after) return undefined
    if (prev && addr < m.get(prev.vm_end)) {
      return { vma: prev, start: m.get(prev.vm_start), end: addr, pgoff: m.get(prev.vm_pgoff), expand: after }
    }
    return { vma: mid!, start: addr, end: m.get(after.vm_end), pgoff: m.get(after.vm_pgoff) - pglen, expand: after }
  })
  if (!merge) return undefined
  yield* __vma_adjust(mm, merge.vma, merge.start, merge.end, merge.pgoff, undefined, merge.expand)
  return merge.expand
}
