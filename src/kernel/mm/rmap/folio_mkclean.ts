import { load, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import type { Cell } from '../../../engine/model/memory.js'
import type { Folio } from '../../include/page.js'
import { VM_SHARED } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_mapped } from './mapcount.js'
import { page_vma_mkclean_one } from './page_vma_mkclean_one.js'
import { folio_vma_walk, PVMW_SYNC } from './page_vma_mapped_walk.js'
import { rmap_walk } from './rmap_walk.js'

/** mm/rmap.c:page_mkclean_one and invalid_mkclean_vma. `cleaned` is set if an entry was. */
export function* page_mkclean_one(folio: Folio, vma: Vma, address: number, cleaned: Cell): Steps<boolean> {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_SHARED)) return true
  if (yield* page_vma_mkclean_one(yield* folio_vma_walk(folio, vma, address, PVMW_SYNC))) yield* store(cleaned, 1, { label: 'cleaned++' })
  return true
}

/** mm/rmap.c:folio_mkclean: write-protects and cleans every shared mapping. Whether one was dirty or writable. */
export function* folio_mkclean(folio: Folio): Steps<boolean> {
  if (!(yield* folio_mapped(folio))) return false
  const { cleaned } = kernel().perCpu[(yield* this_cpu()).index]!
  yield* store(cleaned, 0, { label: 'cleaned = 0' })
  yield* rmap_walk(folio, { rmap_one: page_mkclean_one, arg: cleaned })
  return (yield* load(cleaned, { label: 'cleaned' })) !== 0
}
