import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { folio_nr_pages } from '../../include/compound.js'
import type { Folio } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { down_read, up_read } from '../../locking/rwsem.js'
import { promise, promise_starts } from '../../observer.js'
import { vma_interval_tree } from '../mmap/vma_interval_tree.js'
import { zap_page_range_single } from './unmap_page_range.js'
import type { ZapDetails } from './zap_pte_range.js'

function* unmap_from(vma: Vma, first: number, last: number, details: ZapDetails): Steps {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const vba = yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' })
  const vm_start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const vea = vba + (yield* load(vma.vm_end, { label: 'vma->vm_end' })) - vm_start - 1
  const start = Math.max(first, vba) - vba + vm_start
  const end = Math.min(last, vea) - vba + 1 + vm_start
  if (start >= end) return
  yield* promise_starts(mm, start, end)
  yield* zap_page_range_single(mm, vma, start, end, details)
  yield* promise(mm, start, end, 'no access', 'unmap_mapping_range()')
}

function* unmap_mapping_range_tree(mapping: AddressSpace, first: number, last: number, details: ZapDetails): Steps {
  yield* down_read(mapping.i_mmap_rwsem, 'i_mmap_lock_read(mapping)')
  for (const vma of yield* vma_interval_tree(mapping)) yield* unmap_from(vma, first, last, details)
  yield* up_read(mapping.i_mmap_rwsem, 'i_mmap_unlock_read()')
}

/**
 * mm/memory.c:unmap_mapping_pages: takes `nr` pages of a file from index `start` on out of every address space.
 * `even_cows`: private copies too.
 */
export function* unmap_mapping_pages(mapping: AddressSpace, start: number, nr: number, even_cows: boolean): Steps {
  yield* unmap_mapping_range_tree(mapping, start, start + nr - 1, { even_cows })
}

/** mm/memory.c:unmap_mapping_folio. The folio is locked. */
export function* unmap_mapping_folio(mapping: AddressSpace, folio: Folio): Steps {
  const index = yield* load(folio.index, { label: 'folio->index' })
  const last = index + (yield* folio_nr_pages(folio)) - 1
  yield* unmap_mapping_range_tree(mapping, index, last, { even_cows: false, single_folio: folio })
}
