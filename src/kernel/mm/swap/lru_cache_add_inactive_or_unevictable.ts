import { load, type Steps } from '../../../engine/model/step.js'
import type { Folio } from '../../include/page.js'
import { VM_LOCKED, VM_SPECIAL } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { mlock_new_page } from '../mlock/mlock_pagevec.js'
import { folio_add_lru } from './lru_add.js'

/** mm/swap.c:lru_cache_add_inactive_or_unevictable */
export function* lru_cache_add_inactive_or_unevictable(folio: Folio, vma: Vma): Steps {
  const flags = yield* load(vma.vm_flags, { label: 'vma->vm_flags & VM_LOCKED' })
  if ((flags & (VM_LOCKED | VM_SPECIAL)) === VM_LOCKED) yield* mlock_new_page(folio)
  else yield* folio_add_lru(folio)
}
