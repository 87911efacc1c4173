import { load, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { pmd_offset, pte_alloc } from '../pgtable.js'
import { type LockedPte, pte_offset_map_lock } from './pte_lock.js'

/** mm/memory.c:get_locked_pte: the entry for an address, with a table if there was none. */
export function* get_locked_pte(vma: Vma, address: number): Steps<(LockedPte & { readonly mm: Mm }) | undefined> {
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const pmdp = pmd_offset(mm, address)
  yield* pte_alloc(mm, pmdp)
  const locked = yield* pte_offset_map_lock(pmdp, address)
  return locked && { mm, ...locked }
}
