import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { FAULT_FLAG_WRITE, type PteFault, VM_FAULT_ERROR, VM_FAULT_OOM, VM_FAULT_WRITE } from '../../include/fault.js'
import { PG_lru, PG_mlocked, PG_swapcache, PG_writeback } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { _PAGE_UFFD_WP, pfn_pte, type Pte, pte_mkdirty, pte_mksoft_dirty, pte_mkwrite, pte_wrprotect } from '../../include/pgtable.js'
import { pte_swp_exclusive, pte_swp_soft_dirty, SWP_UFFD_WP, swp_offset } from '../../include/swapops.js'
import { VM_LOCKED, VM_WRITE } from '../../include/vm_flags.js'
import { applied, kernel, reverted } from '../../kernel.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import { alloc_page } from '../page_alloc.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { page_add_anon_rmap } from '../rmap/add_anon_rmap.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_add_lru } from '../swap/lru_add.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { lock_new_folio, read_swap_cache, swap_readpage } from '../swap_state/read_swap_cache.js'
import { slot_of, swap_cache_get_folio } from '../swap_state/swap_cache.js'
import { folio_free_swap } from '../swapfile/folio_free_swap.js'
import { __swap_count, swap_free, swapcache_clear, swapcache_prepare } from '../swapfile/swap_map.js'
import { do_wp_page } from './do_wp_page.js'

/** What a slot holds, in memory. A folio that is `ours` alone is locked, and not in the swap cache. */
interface SwappedIn {
  readonly folio: Folio
  readonly ours: boolean
}

/** One user and a synchronous device: past the swap cache. 'busy': another thread does the same; the fault is taken again. */
function* skip_swap_cache(slot: number): Steps<SwappedIn | 'busy' | undefined> {
  if (!reverted('13ddaf26be32') && (yield* swapcache_prepare(slot))) return 'busy'
  const folio = yield* alloc_page()
  if (!folio) return undefined
  yield* lock_new_folio(folio)
  yield* folio_add_lru(folio)
  yield* swap_readpage(folio, slot)
  return { folio, ours: true }
}

function* swap_in(slot: number): Steps<SwappedIn | 'busy' | undefined> {
  const cached = yield* swap_cache_get_folio(slot)
  if (cached) return { folio: cached, ours: false }
  if ((yield* __swap_count(slot)) === 1) return yield* skip_swap_cache(slot)
  const folio = yield* read_swap_cache(slot)
  return folio && { folio, ours: false }
}

/** Locks a folio of the swap cache. False: it is not that of the slot any more. */
function* lock_cached(vmf: PteFault, folio: Folio, slot: number): Steps<boolean> {
  yield* folio_lock(folio)
  const flags = yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })
  if (!(flags & PG_swapcache) || (yield* slot_of(folio)) !== slot) return false
  yield* check_no_copy(vmf, folio)
  if (vmf.flags & FAULT_FLAG_WRITE && !(flags & PG_lru)) yield* lru_add_drain()
  return true
}

/** mm/ksm.c:ksm_might_need_to_copy: pages that KSM has merged are not swapped out here, so that no page serves other places. */
function* check_no_copy(vmf: PteFault, folio: Folio): Steps {
  const mapping = yield* load(folio.mapping, { label: 'ksm_might_need_to_copy(page)' })
  if (!(mapping & PAGE_MAPPING_ANON)) return
  const { anonVmas } = kernel()
  const own = anonVmas.deref(yield* load(vmf.vma.anon_vma, { label: 'vma->anon_vma' }))
  const [a, b] = [yield* load(anonVmas.deref(mapping >>> 2).root, { label: 'anon_vma->root' }), yield* load(own.root, { label: 'anon_vma->root' })]
  if (a !== b) throw new Error('a swapped page of KSM is not modelled')
}

/** mm/memory.c:should_try_to_free_swap: also to become the only user of a page that is about to be written. */
function* should_try_to_free_swap(vmf: PteFault, folio: Folio): Steps<boolean> {
  const flags = yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })
  if (!(flags & PG_swapcache)) return false
  if ((yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })) & VM_LOCKED || flags & PG_mlocked) return true
  return (vmf.flags & FAULT_FLAG_WRITE) !== 0 && (yield* folio_ref_count(folio)) === 2
}

/** Certainly nobody else's: the page is new, or the entry says so and nothing is being written that must not change. */
function* is_exclusive(vmf: PteFault, { folio, ours }: SwappedIn): Steps<boolean> {
  if (ours) return true
  if (!pte_swp_exclusive(vmf.orig_pte)) return false
  return !((yield* load(folio.flags, { label: 'folio_test_writeback(folio)' })) & PG_writeback)
}

/** Maps the page in place of the entry, under the lock. What is still left of the fault: the new entry, if a copy is due. */
function* map_swapped(vmf: PteFault, page: SwappedIn, slot: number): Steps<{ readonly pte: Pte; readonly copy: boolean }> {
  const { folio } = page
  const certain = yield* is_exclusive(vmf, page)
  yield* swap_free(slot)
  if (yield* should_try_to_free_swap(vmf, folio)) yield* folio_free_swap(folio)
  const write = (vmf.flags & FAULT_FLAG_WRITE) !== 0
  const exclusive = certain || (yield* folio_ref_count(folio)) === 1
  const fresh = pfn_pte(folio.pfn, yield* load(vmf.vma.vm_page_prot, { label: 'vma->vm_page_prot' }))
  const writable = exclusive && write && (yield* load(vmf.vma.vm_flags, { label: 'vma->vm_flags' })) & VM_WRITE
  const dirty = exclusive && write ? pte_mkdirty(fresh) : fresh
  const soft = pte_swp_soft_dirty(vmf.orig_pte) ? pte_mksoft_dirty(writable ? pte_mkwrite(dirty) : dirty) : writable ? pte_mkwrite(dirty) : dirty
  const pte = vmf.orig_pte & SWP_UFFD_WP ? pte_wrprotect(soft | _PAGE_UFFD_WP) : soft
  yield* page_add_anon_rmap(folio, vmf.vma, vmf.address, exclusive, false)
  yield* set_pte_at(vmf.ptep, pte)
  return { pte, copy: write && !exclusive }
}

/** With the folio locked. Consumes the lock and the reference. */
function* finish(vmf: PteFault, page: SwappedIn, slot: number): Steps<number> {
  const { folio } = page
  if (page.ours && applied('mutant-swapcache-clear-early')) yield* swapcache_clear(slot)
  yield* spin_lock(vmf.ptl)
  if ((yield* ptep_get(vmf.ptep)) !== vmf.orig_pte) {
    yield* spin_unlock(vmf.ptl)
    yield* folio_unlock(folio)
    yield* folio_put(folio)
    return 0
  }
  const { pte, copy } = yield* map_swapped(vmf, page, slot)
  yield* folio_unlock(folio)
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
  const page = yield* swap_in(slot)
  if (page === 'busy') return 0
  if (!page) return yield* no_page(vmf)
  if (!page.ours && !(yield* lock_cached(vmf, page.folio, slot))) {
    yield* folio_unlock(page.folio)
    yield* folio_put(yield* compound_head(page.folio))
    return 0
  }
  const result = yield* finish(vmf, page, slot)
  const prepared = page.ours && !reverted('13ddaf26be32') && !applied('mutant-swapcache-clear-early')
  if (prepared) yield* swapcache_clear(slot)
  return result
}

/** There is no memory, or the slot is free: then the entry has changed, too. */
function* no_page(vmf: PteFault): Steps<number> {
  yield* spin_lock(vmf.ptl)
  const same = (yield* ptep_get(vmf.ptep)) === vmf.orig_pte
  yield* spin_unlock(vmf.ptl)
  return same ? VM_FAULT_OOM : 0
}
