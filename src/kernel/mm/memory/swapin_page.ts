import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { FAULT_FLAG_WRITE, type PteFault, VM_FAULT_ERROR, VM_FAULT_OOM, VM_FAULT_WRITE } from '../../include/fault.js'
import { is_swapcache, PG_lru, PG_mlocked, PG_writeback } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_FLAGS, PAGE_MAPPING_KSM } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { _PAGE_UFFD_WP, pfn_pte, type Pte, pte_mkdirty, pte_mksoft_dirty, pte_mkwrite, pte_wrprotect } from '../../include/pgtable.js'
import { pte_swp_exclusive, pte_swp_soft_dirty, SWP_UFFD_WP, swp_offset } from '../../include/swapops.js'
import { VM_LOCKED, VM_WRITE } from '../../include/vm_flags.js'
import { has } from '../../kernel.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'
import { spin_unlock } from '../../locking/spinlock.js'
import { ksm_might_need_to_copy } from '../ksm/ksm_might_need_to_copy.js'
import { alloc_page } from '../page_alloc.js'
import { set_pte_at } from '../pgtable.js'
import { page_add_anon_rmap, page_add_new_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_add_lru } from '../swap/lru_add.js'
import { lru_cache_add_inactive_or_unevictable } from '../swap/lru_cache_add_inactive_or_unevictable.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { lock_new_folio, read_swap_cache, swap_readpage } from '../swap_state/read_swap_cache.js'
import { folio_file_page, slot_of, swap_cache_get_folio } from '../swap_state/swap_cache.js'
import { folio_free_swap } from '../swapfile/folio_free_swap.js'
import { __swap_count, swap_free, swapcache_clear, swapcache_prepare } from '../swapfile/swap_map.js'
import { do_wp_page } from './do_wp_page.js'
import { lock_same_pte } from './pte_same.js'

/** What a slot holds, in memory. One that is `ours` alone is locked, and not in the swap cache. */
interface SwappedIn {
  readonly page: Page
  readonly ours: boolean
}

/** One user and a synchronous device: past the swap cache. 'busy': another thread does the same; the fault is taken again. */
function* skip_swap_cache(slot: number): Steps<SwappedIn | 'busy' | undefined> {
  if (has('13ddaf26be32') && (yield* swapcache_prepare(slot))) return 'busy'
  const folio = yield* alloc_page()
  if (!folio) return undefined
  yield* lock_new_folio(folio)
  yield* folio_add_lru(folio)
  yield* swap_readpage(folio, slot)
  return { page: folio, ours: true }
}

function* swap_in(slot: number): Steps<SwappedIn | 'busy' | undefined> {
  const cached = yield* swap_cache_get_folio(slot)
  if (cached) return { page: yield* folio_file_page(cached, slot), ours: false }
  if ((yield* __swap_count(slot)) === 1) return yield* skip_swap_cache(slot)
  const page = yield* read_swap_cache(slot)
  return page && { page, ours: false }
}

/** The page to map, and the locked folios that it and the slot belong to: the second only if it is another. */
interface ToMap {
  readonly page: Page
  readonly folio: Folio
  /** Not in the swap cache: nobody else has it. */
  readonly fresh: boolean
  readonly swapcache?: Folio
}

function* put_locked(folio: Folio): Steps {
  yield* folio_unlock(folio)
  yield* folio_put(folio)
}

/** Locks the folio of a page in the swap cache. A number: what the fault ends with, if it is not that of the slot any more. */
function* lock_cached(vmf: PteFault, page: Page, slot: number): Steps<ToMap | number> {
  const folio = yield* compound_head(page)
  yield* folio_lock(folio)
  const flags = yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })
  if (!is_swapcache(flags) || (yield* slot_of(page)) !== slot) {
    yield* put_locked(folio)
    return 0
  }
  const mapped = yield* ksm_might_need_to_copy(page, folio, vmf.vma, vmf.address)
  if (!mapped) {
    yield* put_locked(folio)
    return VM_FAULT_OOM
  }
  if (mapped !== page) return { page: mapped, folio: mapped, fresh: true, swapcache: folio }
  const ksm = ((yield* load(folio.mapping, { label: 'folio_test_ksm(folio)' })) & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM
  if (vmf.flags & FAULT_FLAG_WRITE && !ksm && !(flags & PG_lru)) yield* lru_add_drain()
  return { page, folio, fresh: false }
}

/** mm/memory.c:should_try_to_free_swap: also to become the only user of a page that is about to be written. */
export function* should_try_to_free_swap(vmf: PteFault, folio: Folio, ksm: boolean): Steps<boolean> {
  const flags = yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })
  if (!is_swapcache(flags)) return false
  if ((yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })) & VM_LOCKED || flags & PG_mlocked) return true
  return (vmf.flags & FAULT_FLAG_WRITE) !== 0 && !ksm && (yield* folio_ref_count(folio)) === 2
}

/** Certainly nobody else's: the page is new, or the entry says so and nothing is being written that must not change. */
function* is_exclusive(vmf: PteFault, { folio, fresh }: ToMap): Steps<boolean> {
  if (fresh) return true
  if (!pte_swp_exclusive(vmf.orig_pte)) return false
  return !((yield* load(folio.flags, { label: 'folio_test_writeback(folio)' })) & PG_writeback)
}

/** A copy for KSM's sake is new to everybody. */
function* add_rmap(vmf: PteFault, { page, swapcache }: ToMap, exclusive: boolean): Steps {
  if (!swapcache) return yield* page_add_anon_rmap(page, vmf.vma, vmf.address, exclusive, false)
  yield* page_add_new_anon_rmap(page, vmf.vma, vmf.address)
  yield* lru_cache_add_inactive_or_unevictable(page, vmf.vma)
}

/** Maps the page in place of the entry, under the lock. What is still left of the fault: the new entry, if a copy is due. */
function* map_swapped(vmf: PteFault, found: ToMap, slot: number): Steps<{ readonly pte: Pte; readonly copy: boolean }> {
  const { folio, page } = found
  const ksm = !found.fresh && ((yield* load(folio.mapping, { label: 'folio_test_ksm(folio)' })) & PAGE_MAPPING_FLAGS) === PAGE_MAPPING_KSM
  const certain = !ksm && (yield* is_exclusive(vmf, found))
  yield* swap_free(slot)
  if (yield* should_try_to_free_swap(vmf, folio, ksm)) yield* folio_free_swap(folio)
  const write = (vmf.flags & FAULT_FLAG_WRITE) !== 0
  const exclusive = !ksm && (certain || (yield* folio_ref_count(folio)) === 1)
  const fresh = pfn_pte(page.pfn, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const writable = exclusive && write && (yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })) & VM_WRITE
  const dirty = exclusive && write ? pte_mkdirty(fresh) : fresh
  const soft = pte_swp_soft_dirty(vmf.orig_pte) ? pte_mksoft_dirty(writable ? pte_mkwrite(dirty) : dirty) : writable ? pte_mkwrite(dirty) : dirty
  const pte = vmf.orig_pte & SWP_UFFD_WP ? pte_wrprotect(soft | _PAGE_UFFD_WP) : soft
  yield* add_rmap(vmf, found, exclusive)
  yield* set_pte_at(vmf.ptep, pte)
  return { pte, copy: write && !exclusive }
}

function* nothing_to_map({ folio, swapcache }: ToMap): Steps {
  yield* put_locked(folio)
  if (swapcache) yield* put_locked(swapcache)
}

/** With the folio locked. Consumes the lock and the reference. */
function* finish(fault: PteFault, found: ToMap, slot: number, ours: boolean): Steps<number> {
  const { folio, swapcache } = found
  if (ours && has('mutant-swapcache-clear-early')) yield* swapcache_clear(slot)
  const vmf = yield* lock_same_pte(fault)
  if (!vmf) {
    yield* nothing_to_map(found)
    return 0
  }
  const { pte, copy } = yield* map_swapped(vmf, found, slot)
  yield* folio_unlock(folio)
  if (swapcache) yield* put_locked(swapcache)
  if (copy) {
    const result = yield* do_wp_page({ ...vmf, orig_pte: pte })
    return result & VM_FAULT_ERROR ? result & VM_FAULT_ERROR : result
  }
  yield* spin_unlock(vmf.ptl)
  return vmf.flags & FAULT_FLAG_WRITE ? VM_FAULT_WRITE : 0
}

/** mm/memory.c:do_swap_page of an entry that points to a slot of the swap area. */
export function* swapin_page(vmf: PteFault): Steps<number> {
  const slot = swp_offset(vmf.orig_pte)
  const got = yield* swap_in(slot)
  if (got === 'busy') return 0
  if (!got) return yield* no_page(vmf)
  const { page, ours } = got
  const found = ours ? { page, folio: page, fresh: true } : yield* lock_cached(vmf, page, slot)
  if (typeof found === 'number') return found
  const result = yield* finish(vmf, found, slot, ours)
  const prepared = ours && has('13ddaf26be32') && !has('mutant-swapcache-clear-early')
  if (prepared) yield* swapcache_clear(slot)
  return result
}

/** There is no memory, or the slot is free: then the entry has changed, too. */
function* no_page(vmf: PteFault): Steps<number> {
  const same = yield* lock_same_pte(vmf)
  if (!same) return 0
  yield* spin_unlock(same.ptl)
  return VM_FAULT_OOM
}
