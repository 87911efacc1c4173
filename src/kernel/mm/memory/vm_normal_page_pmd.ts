import { load, type Steps } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import { type Pmd, pmd_pfn, pte_devmap } from '../../include/pgtable.js'
import { VM_MAYWRITE, VM_MIXEDMAP, VM_PFNMAP, VM_SHARED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/**
 * mm/memory.c:vm_normal_page_pmd: as vm_normal_page() of an architecture without a special bit, which there is none of for huge
 * entries. What a driver maps in a MIXEDMAP passes for a normal page.
 */
export function* vm_normal_page_pmd(vma: Vma, address: number, pmd: Pmd): Steps<Page | undefined> {
  const { memory } = kernel()
  const pfn = pmd_pfn(pmd)
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (flags & VM_MIXEDMAP) return memory.pages[pfn]
  if (flags & VM_PFNMAP) {
    const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
    const linear = (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' })) + address - start
    const cow = (flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE
    if (pfn === linear || !cow) return undefined
  }
  return pte_devmap(pmd) || pfn === memory.hugeZeroPage.pfn ? undefined : memory.pages[pfn]
}
