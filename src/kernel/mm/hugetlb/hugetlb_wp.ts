import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { FAULT_FLAG_UNSHARE, VM_FAULT_SIGBUS } from '../../include/fault.js'
import { PG_anon_exclusive, PG_uptodate } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { type Pte, pte_mkdirty, pte_mkwrite, pte_pfn } from '../../include/pgtable.js'
import { HPAGE_RESV_OWNER } from '../../include/resv_map.js'
import { VM_MAYSHARE } from '../../include/vm_flags.js'
import { kernel } from '../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { copy_page } from '../copy_page.js'
import {
  mmu_notifier_invalidate_range, mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start,
} from '../mmu_notifier.js'
import { ptep_clear_flush, set_access_flags } from '../pgtable_generic.js'
import { hugepage_add_new_anon_rmap, page_move_anon_rmap } from '../rmap/add_anon_rmap.js'
import { anon_vma_prepare } from '../rmap/anon_vma.js'
import { page_remove_rmap } from '../rmap/page_remove_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { alloc_huge_page, ClearHPageRestoreReserve, restore_reserve_on_error } from './alloc_huge_page.js'
import { SetHPageMigratable } from './folio_isolate_hugetlb.js'
import { huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get, make_huge_pte, set_huge_pte_at } from './huge_pte.js'
import { hugetlb_vma_lock_read, hugetlb_vma_unlock_read } from './hugetlb_vma_lock.js'
import { is_vma_resv_set } from './resv_map.js'
import { unmap_ref_private } from './unmap_ref_private.js'
import type { HugetlbFault } from './hugetlb_fault.js'

/** mm/hugetlb.c:set_huge_ptep_writable */
export function* set_huge_ptep_writable({ mm, address, pte }: HugetlbFault): Steps {
  const entry = yield* huge_ptep_get(pte.ptep)
  yield* set_access_flags(mm, address, pte.ptep, entry, pte_mkwrite(pte_mkdirty(entry)), true)
}

function* is_ours_alone(old: Folio): Steps<boolean> {
  if ((yield* load(old.compound_mapcount, { label: 'page_mapcount(old_page) == 1' })) !== 0) return false
  return ((yield* load(old.mapping, { label: 'PageAnon(old_page)' })) & PAGE_MAPPING_ANON) !== 0
}

/** Puts the copy in the place of the old page, if that is still there. Returns the page that is left over. */
function* replace({ mm, vma, address, flags, pte }: HugetlbFault, entry: Pte, old: Folio, copy: Folio): Steps<Folio> {
  const now = yield* huge_pte_offset(mm, address)
  if (!now || (yield* huge_ptep_get(now.ptep)) !== entry) return copy
  yield* ClearHPageRestoreReserve(copy)
  yield* ptep_clear_flush(mm, address, pte.ptep)
  yield* mmu_notifier_invalidate_range(mm, address, address + 1)
  yield* page_remove_rmap(old, vma, true)
  yield* hugepage_add_new_anon_rmap(copy, vma, address)
  yield* set_huge_pte_at(pte.ptep, yield* make_huge_pte(vma, copy, !(flags & FAULT_FLAG_UNSHARE)))
  yield* SetHPageMigratable(copy)
  return old
}

/** The table is unlocked meanwhile. */
function* use_copy(fault: HugetlbFault, entry: Pte, old: Folio, copy: Folio): Steps {
  const { mm, vma, address, pte } = fault
  yield* anon_vma_prepare(vma)
  yield* copy_page(copy, old)
  yield* setBits(copy.flags, PG_uptodate, { label: '__SetPageUptodate(new_page)' })
  yield* mmu_notifier_invalidate_range_start(mm, address, address + 1)
  yield* huge_pte_lock(pte)
  const left = yield* replace(fault, entry, old, copy)
  yield* huge_pte_unlock(pte)
  yield* mmu_notifier_invalidate_range_end(mm, address, address + 1)
  if (left === copy) yield* restore_reserve_on_error(vma, address, copy)
  yield* folio_put(left)
}

/** The children lose the page to who set pages aside, and has no other. False if the entry is not the same any more. */
function* take_from_children(fault: HugetlbFault, entry: Pte, old: Folio): Steps<boolean> {
  const { mm, vma, address, pte, mapping, index } = fault
  const mutex = mapping.hugetlb_fault_mutex[index]!
  yield* folio_put(old)
  yield* hugetlb_vma_unlock_read(vma)
  yield* mutex_unlock(mutex, 'mutex_unlock(hugetlb_fault_mutex)')
  yield* unmap_ref_private(vma, old, address)
  yield* mutex_lock(mutex, 'mutex_lock(hugetlb_fault_mutex)')
  yield* hugetlb_vma_lock_read(vma)
  yield* huge_pte_lock(pte)
  const now = yield* huge_pte_offset(mm, address)
  return now !== undefined && (yield* huge_ptep_get(now.ptep)) === entry
}

/** Copies with the table unlocked; it is locked again at the end. 'again': the page may be ours alone now. */
function* copy_on_write(fault: HugetlbFault, entry: Pte, old: Folio, pagecache: Folio | undefined): Steps<number | 'again'> {
  const { vma, address, pte } = fault
  const outside_reserve = (yield* is_vma_resv_set(vma, HPAGE_RESV_OWNER)) && old !== pagecache
  yield* folio_get(old)
  yield* huge_pte_unlock(pte)
  const copy = yield* alloc_huge_page(vma, address, outside_reserve)
  if (!copy && outside_reserve) return (yield* take_from_children(fault, entry, old)) ? 'again' : 0
  if (copy) yield* use_copy(fault, entry, old, copy)
  yield* folio_put(old)
  yield* huge_pte_lock(pte)
  return copy ? 0 : VM_FAULT_SIGBUS
}

/**
 * mm/hugetlb.c:hugetlb_wp: a write, or FAULT_FLAG_UNSHARE, through an entry that is read-only. The table is locked, and the page.
 * `pagecache`: the page that the file has here.
 */
export function* hugetlb_wp(fault: HugetlbFault, pagecache: Folio | undefined): Steps<number> {
  const unshare = (fault.flags & FAULT_FLAG_UNSHARE) !== 0
  if (fault.vm_flags & VM_MAYSHARE) {
    if (!unshare) yield* set_huge_ptep_writable(fault)
    return 0
  }
  const entry = yield* huge_ptep_get(fault.pte.ptep)
  const old = kernel().page(pte_pfn(entry))
  while (!(yield* is_ours_alone(old))) {
    const result = yield* copy_on_write(fault, entry, old, pagecache)
    if (result !== 'again') return result
  }
  const exclusive = (yield* load(old.flags, { label: 'PageAnonExclusive(old_page)' })) & PG_anon_exclusive
  if (!exclusive) yield* page_move_anon_rmap(old, old, fault.vma)
  if (!unshare) yield* set_huge_ptep_writable(fault)
  return 0
}
