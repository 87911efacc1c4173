import { load, type Steps } from '../../../engine/model/step.js'
import { VM_SHARED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { page_vma_mkclean_one } from './page_vma_mkclean_one.js'
import { PVMW_SYNC } from './page_vma_mapped_walk.js'

/** mm/rmap.c:pfn_mkclean_range: `nr_pages` frames from `pfn` on, which are in a file from index `pgoff` on, as one VMA maps them. */
export function* pfn_mkclean_range(pfn: number, nr_pages: number, pgoff: number, vma: Vma): Steps<boolean> {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_SHARED)) return false
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const vm_start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const vm_end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
  const offset = vm_start - (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' }))
  const address = Math.max(pgoff + offset, vm_start)
  const end = Math.min(pgoff + nr_pages + offset, vm_end)
  if (address >= end) return false
  return yield* page_vma_mkclean_one({ mm, vma, pfn, nr_pages, address, end, flags: PVMW_SYNC })
}
