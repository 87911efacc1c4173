import { load, type Steps } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { anon_vma_root, folio_anon_vma } from '../rmap/rmap_walk.js'

/** mm/rmap.c:page_address_in_vma, of an order-0 anonymous page; undefined if it is not mapped in the VMA. */
export function* page_address_in_vma(page: Page, vma: Vma): Steps<number | undefined> {
  const own = kernel().anonVmas.at(yield* load(vma.anon_vma, { label: 'vma->anon_vma' }))
  const anon_vma = yield* folio_anon_vma(page)
  if (!own || !anon_vma || (yield* anon_vma_root(own)) !== (yield* anon_vma_root(anon_vma))) return undefined
  const start = yield* load(vma.vm_start, { label: 'vma->vm_start' })
  const pgoff = yield* load(page.index, { label: 'page->index' })
  const address = start + pgoff - (yield* load(vma.vm_pgoff, { label: 'vma->vm_pgoff' }))
  return address >= start && address < (yield* load(vma.vm_end, { label: 'vma->vm_end' })) ? address : undefined
}
