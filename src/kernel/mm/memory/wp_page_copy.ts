import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { flush_tlb_page } from '../../../machine/flush.js'
import { FAULT_FLAG_UNSHARE, type PteFault, VM_FAULT_OOM, VM_FAULT_WRITE } from '../../include/fault.js'
import { PG_uptodate } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { _PAGE_UFFD_WP, pfn_pte, pte_mkdirty, pte_mksoft_dirty, pte_mkwrite, pte_pfn, pte_soft_dirty } from '../../include/pgtable.js'
import { VM_WRITE } from '../../include/vm_flags.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { clear_page, copy_page } from '../copy_page.js'
import {
  mmu_notifier_change_pte, mmu_notifier_invalidate_range, mmu_notifier_invalidate_range_only_end, mmu_notifier_invalidate_range_start,
} from '../mmu_notifier.js'
import { alloc_page } from '../page_alloc.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { put_page } from '../swap/folio_put.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import { free_swap_cache } from '../swapfile/folio_free_swap.js'
import { lock_fault } from './pte_same.js'
import { vmf_anon_prepare } from './vmf_anon_prepare.js'

/** Under the lock: the old translation is gone everywhere before the new one appears; only then is the old page unmapped. */
function* switch_page(vmf: PteFault, old_page: Page | undefined, new_page: Page): Steps {
  const { mm, vma, address, ptep, orig_pte } = vmf
  const pte = pfn_pte(new_page.pfn, yield* load(vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const writable = ((yield* load(vma.vm_flags, { label: 'vma->vm_flags' })) & VM_WRITE) !== 0
  const dirty = pte_mkdirty(pte)
  const unshared = (pte_soft_dirty(orig_pte) ? pte_mksoft_dirty(pte) : pte) | (orig_pte & _PAGE_UFFD_WP)
  const unbroken = has('mutant-copy-before-clear')
  if (!unbroken) yield* ptep_clear_flush(mm, address, ptep)
  const late = has('flush-secondary-after-set')
  if (!late) yield* mmu_notifier_invalidate_range(mm, address, address + 1)
  yield* page_add_new_anon_rmap(new_page, vma, address)
  yield* lru_cache_add_inactive_or_unevictable(new_page, vma)
  const entry = vmf.flags & FAULT_FLAG_UNSHARE ? unshared : writable ? pte_mkwrite(dirty) : dirty
  yield* mmu_notifier_change_pte(mm, address, entry)
  yield* set_pte_at(ptep, entry)
  if (unbroken) yield* flush_tlb_page(mm, address)
  if (late) yield* mmu_notifier_invalidate_range(mm, address, address + 1)
  if (old_page) yield* page_remove_rmap(old_page, vma, false)
}

/** mm/memory.c:wp_page_copy. The old page, if it has one, is held by a reference, which is dropped here. */
export function* wp_page_copy(vmf: PteFault, old_page: Page | undefined): Steps<number> {
  const { mm, address } = vmf
  const refused = yield* vmf_anon_prepare(vmf)
  if (refused) {
    if (old_page) yield* put_page(old_page)
    return refused
  }
  const new_page = yield* alloc_page()
  if (!new_page) {
    if (old_page) yield* put_page(old_page)
    return VM_FAULT_OOM
  }
  if (pte_pfn(vmf.orig_pte) === kernel().memory.zeroPage.pfn || !old_page) yield* clear_page(new_page)
  else yield* copy_page(new_page, old_page)
  yield* setBits(new_page.flags, PG_uptodate, { label: '__SetPageUptodate(new_page)' })
  const bracket = !has('mutant-change-pte-alone')
  if (bracket) yield* mmu_notifier_invalidate_range_start(mm, address, address + 1)
  const now = yield* lock_fault(vmf)
  const same = now !== undefined && (yield* ptep_get(now.ptep)) === vmf.orig_pte
  if (same) yield* switch_page(now, old_page, new_page)
  else yield* put_page(new_page)
  if (same && old_page) yield* put_page(old_page)
  if (now) yield* spin_unlock(now.ptl)
  if (bracket) yield* mmu_notifier_invalidate_range_only_end(mm, address, address + 1)
  if (same && old_page) yield* free_swap_cache(old_page)
  if (old_page) yield* put_page(old_page)
  return same && !(vmf.flags & FAULT_FLAG_UNSHARE) ? VM_FAULT_WRITE : 0
}
