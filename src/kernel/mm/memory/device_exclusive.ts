import type { Cell } from '../../../engine/model/memory.js'
import { load, type Steps } from '../../../engine/model/step.js'
import type { PteFault } from '../../include/fault.js'
import type { Page } from '../../include/page.js'
import { folio_ref_try_add_rcu } from '../../include/page_ref.js'
import { _PAGE_UFFD_WP, pfn_pte, type Pte, pte_mkdirty, pte_mkold, pte_mksoft_dirty, pte_mkwrite } from '../../include/pgtable.js'
import { pte_swp_soft_dirty, SWP, swp_offset, swp_type, SWP_UFFD_WP } from '../../include/swapops.js'
import { VM_WRITE } from '../../include/vm_flags.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { page_add_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { lock_fault } from './pte_same.js'

function* present_again(vma: Vma, page: Page, entry: Pte): Steps<Pte> {
  const fresh = pte_mkold(pfn_pte(page.pfn, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' })))
  const pte = pte_swp_soft_dirty(entry) ? pte_mksoft_dirty(fresh) : fresh
  if (entry & SWP_UFFD_WP) return pte | _PAGE_UFFD_WP
  if (swp_type(entry) !== SWP.DEVICE_EXCLUSIVE_WRITE) return pte
  return (yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_WRITE ? pte_mkwrite(pte_mkdirty(pte)) : pte_mkdirty(pte)
}

/** mm/memory.c:restore_exclusive_pte. Page-table lock and folio lock are held; the entry's reference becomes that of the mapping. */
export function* restore_exclusive_pte(vma: Vma, page: Page, address: number, ptep: Cell): Steps {
  const pte = yield* present_again(vma, page, yield* ptep_get(ptep))
  yield* page_add_anon_rmap(page, vma, address, false, false)
  yield* set_pte_at(ptep, pte)
}

/** mm/memory.c:try_restore_exclusive_pte, for fork(). False: the device has not finished with the page yet. */
export function* try_restore_exclusive_pte(vma: Vma, address: number, ptep: Cell, entry: Pte): Steps<boolean> {
  const page = kernel().page(swp_offset(entry))
  if (!(yield* folio_trylock(page))) return false
  yield* restore_exclusive_pte(vma, page, address, ptep)
  yield* folio_unlock(page)
  return true
}

/**
 * mm/memory.c:remove_device_exclusive_entry. A CPU wants the page: the device is told to give it up, then it is mapped
 * again. The reference is one that a page in use can give: its entry may be gone by now.
 */
export function* remove_device_exclusive_entry(vmf: PteFault): Steps<number> {
  const { mm, vma, address } = vmf
  const folio = kernel().page(swp_offset(vmf.orig_pte))
  if (!(yield* folio_ref_try_add_rcu(folio, 1))) return 0
  yield* folio_lock(folio)
  const told = !has('mutant-exclusive-untold')
  if (told) yield* mmu_notifier_invalidate_range_start(mm, address, address + 1, 'exclusive')
  const now = yield* lock_fault(vmf)
  if (now) {
    const same = has('mutant-exclusive-no-recheck') || (yield* ptep_get(now.ptep)) === vmf.orig_pte
    if (same) yield* restore_exclusive_pte(vma, folio, address, now.ptep)
    yield* spin_unlock(now.ptl)
  }
  yield* folio_unlock(folio)
  yield* folio_put(folio)
  if (told) yield* mmu_notifier_invalidate_range_end(mm, address, address + 1)
  return 0
}
