import { load, type Steps } from '../../../engine/model/step.js'
import type { Cell } from '../../../engine/model/memory.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { down_read, up_read } from '../../locking/rwsem.js'
import { apply_to_pfn_range } from '../memory/apply_to_pfn_range.js'
import { vma_interval_tree } from '../mmap/vma_interval_tree.js'
import type { MmWalk, MmWalkOps } from '../pagewalk/mm_walk.js'
import { walk_page_mapping } from '../pagewalk/walk_page_mapping.js'

const leaf = <P>(ptep: Cell, address: number, walk: MmWalk<P>): Steps => walk.ops.pte_entry!(ptep, address, walk)

/** What the proposal of 2019 did to a VMA: brackets as now, but no look at what a PMD is. */
function* apply_to_vma<P>(vma: Vma, first_index: number, nr: number, ops: MmWalkOps<P>, data: P): Steps {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const vba = yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' })
  const vm_start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const vea = vba + (yield* load(vma.vm_end, { label: 'vma->vm_end' })) - vm_start
  const start = Math.max(first_index, vba) - vba + vm_start
  const end = Math.min(first_index + nr, vea) - vba + vm_start
  if (start >= end) return
  const walk: MmWalk<P> = { ops, mm, vma, no_vma: false, private: data }
  yield* ops.pre_vma!(start, end, walk)
  yield* apply_to_pfn_range({ mm, ptefn: leaf, data: walk, alloc: false }, start, end - start)
  yield* ops.post_vma!(start, end, walk)
}

/** Wherever `nr` pages of the file from `first_index` on are mapped: the page walk, or what was proposed first. */
export function* walk_mapping<P>(mapping: AddressSpace, first_index: number, nr: number, ops: MmWalkOps<P>, data: P): Steps {
  yield* down_read(mapping.i_mmap_rwsem, 'i_mmap_lock_read(mapping)')
  if (!has('apply-to-pfn-range')) yield* walk_page_mapping(mapping, first_index, nr, ops, data)
  else for (const vma of yield* vma_interval_tree(mapping)) yield* apply_to_vma(vma, first_index, nr, ops, data)
  yield* up_read(mapping.i_mmap_rwsem, 'i_mmap_unlock_read(mapping)')
}
