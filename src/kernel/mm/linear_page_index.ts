import { load, type Steps } from '../../engine/model/step.js'
import type { Vma } from '../include/vma.js'

/** include/linux/pagemap.h:linear_page_index */
export function* linear_page_index(vma: Vma, address: number): Steps<number> {
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  return address - start + (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' }))
}
