import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { promise, promise_starts } from '../../observer.js'
import { zap_page_range_single } from './unmap_page_range.js'

/** mm/memory.c:zap_vma_ptes, of all of a PFN mapping. The caller holds the mmap_lock. */
export function* zap_vma_ptes(mm: Mm, vma: Vma): Steps {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_PFNMAP)) return
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const end = yield* load(vma.vm_end, { label: 'vma->vm_end' })
  yield* promise_starts(mm, start, end)
  yield* zap_page_range_single(mm, vma, start, end)
  yield* promise(mm, start, end, 'no access', 'zap_vma_ptes()')
}
