import type { Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { __apply_to_page_range, type PteFn } from './apply_to_page_range.js'

/** struct pfn_range_apply, of a proposal of April 2019: what to do, and whether to make page tables for it. */
export interface PfnRangeApply<D> {
  readonly mm: Mm
  readonly ptefn: PteFn<D>
  readonly data: D
  readonly alloc: boolean
}

/**
 * "mm: Add an apply_to_pfn_range interface", never merged: apply_to_page_range() with a closure that says whether to
 * allocate. The caller tells the notifiers.
 */
export const apply_to_pfn_range = <D>(closure: PfnRangeApply<D>, start: number, size: number): Steps<number> =>
  __apply_to_page_range({ mm: closure.mm, fn: closure.ptefn, data: closure.data, create: closure.alloc }, start, start + size)
