import { load, type Steps } from '../../../engine/model/step.js'
import { EINVAL } from '../../include/errno.js'
import type { Mm } from '../../include/mm.js'
import { pte_pfn, pte_present } from '../../include/pgtable.js'
import { VM_IO, VM_PFNMAP } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { pmd_offset, ptep_get } from '../pgtable.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { type LockedPte, pte_offset_map_lock } from './pte_lock.js'

/** mm/memory.c:follow_pte: the present entry for an address, locked. What it says holds until the lock is dropped. */
export function* follow_pte(mm: Mm, address: number): Steps<LockedPte | undefined> {
  const pmdp = pmd_offset(mm, address)
  if ((yield* pmd_of_table(pmdp)) === undefined) return undefined
  const locked = yield* pte_offset_map_lock(pmdp, address)
  if (!locked) return undefined
  if (pte_present(yield* ptep_get(locked.ptep))) return locked
  yield* spin_unlock(locked.ptl)
  return undefined
}

/** mm/memory.c:follow_pfn: the page frame number, of PFN mappings only; it may be old by the time it is returned. */
export function* follow_pfn(vma: Vma, address: number): Steps<number> {
  if (!((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & (VM_IO | VM_PFNMAP))) return -EINVAL
  const mm = kernel().mms.deref(yield* load(vma.vm_mm, { label: 'vma->vm_mm' }))
  const locked = yield* follow_pte(mm, address)
  if (!locked) return -EINVAL
  const pfn = pte_pfn(yield* ptep_get(locked.ptep))
  yield* spin_unlock(locked.ptl)
  return pfn
}
