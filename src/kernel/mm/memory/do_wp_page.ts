import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { flush_tlb_page } from '../../../machine/flush.js'
import { handle_userfault } from '../../fs/userfaultfd/handle_userfault.js'
import { compound_head } from '../../include/compound.js'
import { FAULT_FLAG_UNSHARE, type PteFault, VM_FAULT_ERROR, VM_FAULT_NOPAGE, VM_FAULT_WRITE } from '../../include/fault.js'
import { is_swapcache, PG_anon_exclusive, PG_dirty, PG_lru } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import { folio_get, folio_ref_count } from '../../include/page_ref.js'
import { pte_mkdirty, pte_mkwrite, pte_mkyoung } from '../../include/pgtable.js'
import { userfaultfd_pte_wp, userfaultfd_wp } from '../../include/userfaultfd.js'
import { VM_SHARED, VM_UFFD_WP, VM_WRITE } from '../../include/vm_flags.js'
import { folio_lock, folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { has, kernel } from '../../kernel.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { set_access_flags } from '../pgtable_generic.js'
import { page_move_anon_rmap } from '../rmap/add_anon_rmap.js'
import { page_mapcount } from '../rmap/mapcount.js'
import { folio_put } from '../swap/folio_put.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { folio_free_swap } from '../swapfile/folio_free_swap.js'
import { lock_same_pte } from './pte_same.js'
import { vm_normal_page } from './vm_normal_page.js'
import { wp_page_copy } from './wp_page_copy.js'
import { vmf_can_call_fault } from './vmf_can_call_fault.js'

const SHARED_WRITABLE = VM_WRITE | VM_SHARED

/** mm/memory.c:wp_page_reuse. Drops the page-table lock. */
export function* wp_page_reuse(vmf: PteFault, vm_flags: number): Steps<number> {
  const dirty = pte_mkdirty(pte_mkyoung(vmf.orig_pte))
  const entry = vm_flags & VM_WRITE ? pte_mkwrite(dirty) : dirty
  yield* set_access_flags(vmf.mm, vmf.address, vmf.ptep, vmf.orig_pte, entry, true)
  yield* spin_unlock(vmf.ptl)
  return VM_FAULT_WRITE
}

/** mm/memory.c:finish_mkwrite_fault: who was asked says nothing against it. VM_FAULT_NOPAGE: the entry is another one now. */
export function* finish_mkwrite_fault(vmf: PteFault, vm_flags: number): Steps<number> {
  const same = yield* lock_same_pte(vmf)
  if (!same) return VM_FAULT_NOPAGE
  yield* wp_page_reuse(same, vm_flags)
  return 0
}

/** mm/memory.c:wp_pfn_shared */
export function* wp_pfn_shared(vmf: PteFault, vm_flags: number): Steps<number> {
  const { vm_ops } = kernel().files.deref(yield* load(vmf.vma.vm_file, { label: 'vma->vm_ops->pfn_mkwrite' }))
  if (!vm_ops?.pfn_mkwrite) return yield* wp_page_reuse(vmf, vm_flags)
  yield* spin_unlock(vmf.ptl)
  const refused = yield* vmf_can_call_fault(vmf, vm_ops)
  if (refused) return refused
  const result = yield* vm_ops.pfn_mkwrite(vmf)
  return result & (VM_FAULT_ERROR | VM_FAULT_NOPAGE) ? result : yield* finish_mkwrite_fault(vmf, vm_flags)
}

/** mm/memory.c:wp_page_shared of a file that does not ask to be told (page_mkwrite). */
export function* wp_page_shared(vmf: PteFault, page: Page, vm_flags: number): Steps<number> {
  const folio = yield* compound_head(page)
  yield* folio_get(folio)
  yield* wp_page_reuse(vmf, vm_flags)
  yield* folio_lock(folio)
  yield* setBits(folio.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  yield* folio_unlock(folio)
  yield* folio_put(folio)
  return VM_FAULT_WRITE
}

function* is_ksm(folio: Folio): Steps<boolean> {
  return ((yield* load(folio.mapping, { label: 'folio_test_ksm(folio)' })) & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM
}

/** The references that the swap cache holds. */
function* swapcache_refs(folio: Folio): Steps<number> {
  return is_swapcache(yield* load(folio.flags, { label: 'folio_test_swapcache()' })) ? 1 : 0
}

/** mm/swapfile.c:reuse_swap_page, until 5.9: nobody else maps the page, whoever else may hold it. */
export function* reuse_swap_page(folio: Folio, page: Page): Steps<boolean> {
  if (!(yield* folio_trylock(folio))) return false
  const alone = !(yield* is_ksm(folio)) && (yield* page_mapcount(page)) === 1
  yield* folio_unlock(folio)
  return alone
}

/** Whether our mapping holds the only reference, so that the page can be made exclusive again. */
function* take_over(vmf: PteFault, page: Page): Steps<boolean> {
  const folio = yield* compound_head(page)
  if (!has('09854ba94c6a')) return yield* reuse_swap_page(folio, page)
  if ((yield* is_ksm(folio)) || (yield* folio_ref_count(folio)) > 3) return false
  if (!((yield* load(folio.flags, { label: 'folio_test_lru(folio)' })) & PG_lru)) yield* lru_add_drain()
  const coarse = has('mutant-coarse-count')
  if (!coarse && (yield* folio_ref_count(folio)) > 1 + (yield* swapcache_refs(folio))) return false
  if (!(yield* folio_trylock(folio))) return false
  if (kernel().geometry.swapSlots > 0) yield* folio_free_swap(folio)
  const alone = !(yield* is_ksm(folio)) && (coarse || (yield* folio_ref_count(folio)) === 1)
  if (alone) yield* page_move_anon_rmap(folio, page, vmf.vma)
  yield* folio_unlock(folio)
  return alone
}

function* wp_anon_page(vmf: PteFault, page: Page, vm_flags: number): Steps<number | undefined> {
  const exclusive = (yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive
  if (!exclusive && !(yield* take_over(vmf, page))) return undefined
  if (!(vmf.flags & FAULT_FLAG_UNSHARE)) return yield* wp_page_reuse(vmf, vm_flags)
  yield* spin_unlock(vmf.ptl)
  return 0
}

/** UFFDIO_WRITEPROTECT flushes later than it changes entries: nobody may write to the page while it is copied. */
function* flush_if_protected(vmf: PteFault): Steps {
  const pending = yield* load(vmf.mm.tlb_flush_pending, { label: 'mm_tlb_flush_pending(mm)' })
  if (pending) yield* flush_tlb_page(vmf.mm, vmf.address)
}

/** mm/memory.c:do_wp_page. Called with the page-table lock held, which it drops. */
export function* do_wp_page(vmf: PteFault): Steps<number> {
  const unshare = (vmf.flags & FAULT_FLAG_UNSHARE) !== 0
  const vm_flags = yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })
  if (!unshare && userfaultfd_wp(vm_flags)) {
    if (userfaultfd_pte_wp(vm_flags, vmf.orig_pte)) {
      yield* spin_unlock(vmf.ptl)
      return yield* handle_userfault(vmf, VM_UFFD_WP)
    }
    yield* flush_if_protected(vmf)
  }
  const shared = (vm_flags & SHARED_WRITABLE) === SHARED_WRITABLE
  const page = yield* vm_normal_page(vmf.vma, vmf.address, vmf.orig_pte)
  const folio = page && (yield* compound_head(page))
  const anon = folio && (yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON
  if (page && anon) {
    const done = yield* wp_anon_page(vmf, page, vm_flags)
    if (done !== undefined) return done
  } else if (unshare) {
    yield* spin_unlock(vmf.ptl)
    return 0
  } else if (shared) return page ? yield* wp_page_shared(vmf, page, vm_flags) : yield* wp_pfn_shared(vmf, vm_flags)
  if (folio) yield* folio_get(folio)
  yield* spin_unlock(vmf.ptl)
  return yield* wp_page_copy(vmf, page)
}
