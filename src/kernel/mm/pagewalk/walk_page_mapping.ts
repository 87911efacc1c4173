import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { vma_interval_tree } from '../mmap/vma_interval_tree.js'
import type { MmWalkOps } from './mm_walk.js'
import { walk_tested } from './walk_page_vma.js'

function* walk_vma_of_file<P>(vma: Vma, first_index: number, nr: number, ops: MmWalkOps<P>, data: P): Steps<number | 'left out'> {
  const vba = yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' })
  const vm_start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const vea = vba + (yield* load(vma.vm_end, { label: 'vma->vm_end' })) - vm_start
  const start = Math.max(first_index, vba) - vba + vm_start
  const end = Math.min(first_index + nr, vea) - vba + vm_start
  if (start >= end) return 0
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  return yield* walk_tested(start, end, { ops, mm, vma, no_vma: false, private: data })
}

/**
 * mm/pagewalk.c:walk_page_mapping: wherever `nr` pages of a file from `first_index` on are mapped. i_mmap_rwsem is held, no
 * mmap_lock: the VMAs and their page tables stay, but huge entries come and go.
 */
export function* walk_page_mapping<P>(mapping: AddressSpace, first_index: number, nr: number, ops: MmWalkOps<P>, data: P): Steps<number> {
  for (const vma of yield* vma_interval_tree(mapping)) {
    const result = yield* walk_vma_of_file(vma, first_index, nr, ops, data)
    // Not only that VMA is left out, but all behind it in the tree.
    if (result === 'left out') return 0
    if (result !== 0) return result
  }
  return 0
}
