import { atomic, load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { pmd_align } from '../addr_end.js'
import { first_vma_above } from '../mmap/vma_list.js'
import { split_huge_pmd_address } from './split_huge_pmd.js'

/** mm/huge_memory.c:split_huge_pmd_if_needed. A VMA that ends inside of a huge page maps it by small pages. */
export function* split_huge_pmd_if_needed(mm: Mm, vma: Vma, address: number): Steps {
  const haddr = pmd_align(address)
  if (haddr === address || haddr < (yield* load(vma.vm_start, { label: 'vma->vm_start' }))) return
  if (haddr + kernel().geometry.ptrsPerPte > (yield* load(vma.vm_end, { label: 'vma->vm_end' }))) return
  yield* split_huge_pmd_address(mm, vma, address, false)
}

/** mm/huge_memory.c:vma_adjust_trans_huge: before the VMA becomes [start, end) and the next one starts `adjust_next` later. */
export function* vma_adjust_trans_huge(vma: Vma, start: number, end: number, adjust_next: number): Steps {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  yield* split_huge_pmd_if_needed(mm, vma, start)
  yield* split_huge_pmd_if_needed(mm, vma, end)
  if (adjust_next <= 0) return
  const next = yield* atomic('next = find_vma(mm, vm_end)', (m) => first_vma_above(m, mm, m.get(vma.vm_end)))
  if (!next) return
  yield* split_huge_pmd_if_needed(mm, next, (yield* load(next.vm_start, { label: 'next->vm_start' })) + adjust_next)
}
