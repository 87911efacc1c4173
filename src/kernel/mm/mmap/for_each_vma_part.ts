import { atomic, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { split_vma } from './split_vma.js'
import { vma_merge } from './vma_merge.js'
import { first_vma_above, last_vma_below } from './vma_list.js'

/** A VMA, and what a system call needs to know of it. */
export interface VmaRange {
  readonly vma: Vma
  readonly start: number
  readonly end: number
  readonly vm_flags: number
}

const range_of = (vma: Vma | undefined, m: { get(cell: Vma['vm_start']): number }): VmaRange | undefined =>
  vma && { vma, start: m.get(vma.vm_start), end: m.get(vma.vm_end), vm_flags: m.get(vma.vm_flags) }

/** The first VMA that ends above `address`. */
export const find_vma_range = (mm: Mm, address: number) =>
  atomic('vma = find_vma(mm, addr)', (m) => range_of(first_vma_above(m, mm, address), m))

/** What vma_merge() wants as `prev`: the VMA that starts below `start` and holds or precedes it. */
export const prev_vma = (mm: Mm, start: number) =>
  atomic('prev = mas_prev()', (m) => {
    const vma = first_vma_above(m, mm, start)
    return vma && m.get(vma.vm_start) < start ? vma : last_vma_below(m, mm, start)
  })

/**
 * The common part of mprotect_fixup(), mlock_fixup() and madvise_update_vma(): the part [start, end) of `vma` is to have
 * other flags, so it is merged with a neighbour that has them, or split off. Returns the VMA of just that part, or the merged one.
 */
export function* vma_with_flags(mm: Mm, range: VmaRange, start: number, end: number, vm_flags: number): Steps<Vma> {
  const { vma } = range
  const prev = yield* prev_vma(mm, start)
  const shape = yield* atomic('vma->anon_vma, vm_file, vm_pgoff', (m) => ({
    vm_flags, source: vma, anon_vma: m.get(vma.anon_vma), file: m.get(vma.vm_file), pgoff: m.get(vma.vm_pgoff) + start - m.get(vma.vm_start),
  }))
  const merged = yield* vma_merge(mm, prev, start, end, shape)
  if (merged) return merged
  if (start !== range.start) yield* split_vma(mm, vma, start, true)
  if (end !== range.end) yield* split_vma(mm, vma, end, false)
  return vma
}
