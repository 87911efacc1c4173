import { load, type Steps } from '../../../engine/model/step.js'
import { folio_test_large } from '../../include/compound.js'
import type { Folio } from '../../include/page.js'
import { VM_LOCKED, VM_SPECIAL } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has } from '../../kernel.js'
import { mlock_folio, munlock_folio } from './mlock_pagevec.js'

/** mm/internal.h:mlock_vma_page. A PTE mapping of a huge page does not mlock it. */
export function* mlock_vma_page(folio: Folio, vma: Vma, compound: boolean): Steps {
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_LOCKED' })
  if ((flags & (VM_LOCKED | VM_SPECIAL)) !== VM_LOCKED) return
  if (compound || !(yield* folio_test_large(folio))) yield* mlock_folio(folio)
}

/** mm/internal.h:munlock_vma_folio. Since folios of any size are mlocked, losing a part of one counts too; reclaim puts it right. */
export function* munlock_vma_page(folio: Folio, vma: Vma, compound: boolean): Steps {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_LOCKED' })) & VM_LOCKED)) return
  if (compound || has('mlock-large') || !(yield* folio_test_large(folio))) yield* munlock_folio(folio)
}
