import { load, type Steps } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import { type Pte, pte_devmap, pte_pfn, pte_special } from '../../include/pgtable.js'
import { VM_MAYWRITE, VM_MIXEDMAP, VM_PFNMAP, VM_SHARED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'

/** mm/memory.c:vm_normal_page: the struct page whose mappings and references are counted; none for special entries. */
export function* vm_normal_page(vma: Vma, address: number, pte: Pte): Steps<Page | undefined> {
  const { profile, memory } = kernel()
  const pfn = pte_pfn(pte)
  if (pfn === memory.zeroPage.pfn) return undefined
  if (profile.pteSpecial) return pte_special(pte) || pte_devmap(pte) ? undefined : memory.pages[pfn]
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags' })
  if (flags & VM_MIXEDMAP) return memory.pages[pfn]
  if (!(flags & VM_PFNMAP)) return memory.pages[pfn]
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const linear = (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' })) + address - start
  // A private copy in a mapping of PFNs is known by its place; a shared mapping has none.
  const cow = (flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE
  return pfn === linear || !cow ? undefined : memory.pages[pfn]
}
