import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { smp_mb, smp_rmb } from '../../../machine/barrier.js'
import { is_swapcache, PG_anon_exclusive, PG_dirty, PG_swapbacked } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import type { Mm } from '../../include/mm.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { _PAGE_UFFD_WP, type Pte, pte_dirty, pte_pfn, pte_soft_dirty } from '../../include/pgtable.js'
import { SWP, SWP_EXCLUSIVE, SWP_SOFT_DIRTY, SWP_UFFD_WP, swp_entry } from '../../include/swapops.js'
import type { Vma } from '../../include/vma.js'
import { VM_LOCKED } from '../../include/vm_flags.js'
import { bug } from '../../bug.js'
import { has, kernel } from '../../kernel.js'
import { split_huge_pmd_address } from '../huge_memory/split_huge_pmd.js'
import { mlock_vma_page } from '../mlock/mlock_folio.js'
import { mlock_page_drain_local } from '../mlock/mlock_pagevec.js'
import { mmu_notifier_invalidate_range, mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush, ptep_get_and_clear } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import { slot_of } from '../swap_state/swap_cache.js'
import { swap_duplicate, swap_free } from '../swapfile/swap_map.js'
import { folio_mapcount } from './mapcount.js'
import {
  folio_vma_walk, type Mapped, page_vma_mapped_walk, page_vma_mapped_walk_done, type Pvmw, PVMW_SYNC,
} from './page_vma_mapped_walk.js'
import { first_after_split } from './first_after_split.js'
import { page_remove_rmap } from './page_remove_rmap.js'
import { rmap_walk } from './rmap_walk.js'
import { page_try_share_anon_rmap } from './share_anon_rmap.js'
import { set_tlb_ubc_flush_pending, should_defer_flush } from './tlb_ubc.js'
import { TTU_RMAP_LOCKED, TTU_SPLIT_HUGE_PMD, TTU_SYNC } from './try_to_migrate.js'

/** The flush may be put off until try_to_unmap_flush(). */
export const TTU_BATCH_FLUSH = 0x40
/** Also where it is mlocked: it will be mapped again. */
export const TTU_IGNORE_MLOCK = 0x8

function* clear_pte(pvmw: Pvmw, at: Mapped, flags: number): Steps<Pte> {
  if (!(flags & TTU_BATCH_FLUSH) || !(yield* should_defer_flush(pvmw.mm))) {
    return yield* ptep_clear_flush(pvmw.mm, at.address, at.ptep!)
  }
  const pte = yield* ptep_get_and_clear(pvmw.mm, at.address, at.ptep!)
  yield* set_tlb_ubc_flush_pending(pvmw.mm, at.address, pte_dirty(pte))
  return pte
}

/** More references than the isolation and the mappings have. */
function* is_held(folio: Folio): Steps<boolean> {
  yield* smp_mb()
  const references = yield* folio_ref_count(folio)
  const mappings = yield* folio_mapcount(folio)
  yield* smp_rmb()
  return references !== 1 + mappings
}

/** MADV_FREE memory is thrown away if nobody has written to it or holds it. Otherwise false, and the entry comes back. */
function* discard_lazyfree(folio: Folio, mm: Mm, at: Mapped, pte: Pte, unused: boolean): Steps<boolean> {
  const held = !unused && has('6c8e2a256915') && (yield* is_held(folio))
  if (!held && !((yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })) & PG_dirty)) {
    yield* mmu_notifier_invalidate_range(mm, at.address, at.address + 1)
    return true
  }
  yield* set_pte_at(at.ptep!, pte)
  yield* setBits(folio.flags, PG_swapbacked, { label: 'folio_set_swapbacked(folio)' })
  return false
}

/** The entry of a page in the swap cache becomes one of its slot. False, and the entry comes back, if the page may be pinned. */
function* swap_out(folio: Folio, page: Page, exclusive: boolean, mm: Mm, at: Mapped, pte: Pte): Steps<boolean> {
  const slot = yield* slot_of(page)
  yield* swap_duplicate(slot)
  if (exclusive && !(yield* page_try_share_anon_rmap(folio, page))) {
    yield* swap_free(slot)
    yield* set_pte_at(at.ptep!, pte)
    return false
  }
  const bits = (exclusive && has('1493a1913e34') ? SWP_EXCLUSIVE : 0) | (pte_soft_dirty(pte) ? SWP_SOFT_DIRTY : 0) | (pte & _PAGE_UFFD_WP ? SWP_UFFD_WP : 0)
  yield* set_pte_at(at.ptep!, swp_entry(SWP.SWAP, slot, bits))
  yield* mmu_notifier_invalidate_range(mm, at.address, at.address + 1)
  return true
}

/** Anonymous memory is swapped out, or thrown away after MADV_FREE. */
function* unmap_anon(folio: Folio, page: Page, exclusive: boolean, mm: Mm, at: Mapped, pte: Pte, unused: boolean): Steps<boolean> {
  const flags = yield* load(folio.flags, { label: 'folio_test_swapbacked(folio)' })
  if (!(flags & PG_swapbacked)) return yield* discard_lazyfree(folio, mm, at, pte, unused)
  if (!is_swapcache(flags)) yield* bug('a swap-backed page without a slot is unmapped')
  return yield* swap_out(folio, page, exclusive, mm, at, pte)
}

/** False: the page stays mapped here. */
function* unmap_pte(folio: Folio, pvmw: Pvmw, at: Mapped, flags: number): Steps<boolean> {
  if (!(flags & TTU_IGNORE_MLOCK) && (yield* load(pvmw.vma.vm_flags, { label: 'vma->vm_flags & VM_LOCKED' })) & VM_LOCKED) {
    yield* mlock_vma_page(folio, pvmw.vma, false)
    return false
  }
  const page = kernel().page(pte_pfn(yield* ptep_get(at.ptep!)))
  const anon = ((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON) !== 0
  const exclusive = anon && ((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
  const unused = has('mutant-count-before-clear') && !(yield* is_held(folio))
  const pte = yield* clear_pte(pvmw, at, flags)
  if (pte_dirty(pte)) yield* setBits(folio.flags, PG_dirty, { label: 'folio_mark_dirty(folio)' })
  if (anon && !(yield* unmap_anon(folio, page, exclusive, pvmw.mm, at, pte, unused))) return false
  yield* page_remove_rmap(page, pvmw.vma, false)
  const vm_flags = yield* load(pvmw.vma.vm_flags, { label: 'vma->vm_flags' })
  if (vm_flags & VM_LOCKED) yield* mlock_page_drain_local()
  yield* folio_put(folio)
  return true
}

function* unmap_mappings(folio: Folio, pvmw: Pvmw, flags: number, split: boolean): Steps<boolean> {
  let at = split ? yield* first_after_split(pvmw, false) : yield* page_vma_mapped_walk(pvmw)
  while (at) {
    if (!(yield* unmap_pte(folio, pvmw, at, flags))) {
      yield* page_vma_mapped_walk_done(pvmw, at)
      return false
    }
    at = yield* page_vma_mapped_walk(pvmw, at)
  }
  return true
}

/** mm/rmap.c:try_to_unmap_one */
export function* try_to_unmap_one(folio: Folio, vma: Vma, address: number, flags: number): Steps<boolean> {
  const pvmw = yield* folio_vma_walk(folio, vma, address, flags & TTU_SYNC ? PVMW_SYNC : 0)
  const split = (flags & TTU_SPLIT_HUGE_PMD) !== 0
  const late = has('unmap-splits-in-walk')
  if (split && !late) yield* split_huge_pmd_address(pvmw.mm, vma, address, false, folio)
  yield* mmu_notifier_invalidate_range_start(pvmw.mm, address, pvmw.end)
  const done = yield* unmap_mappings(folio, pvmw, flags, split && late)
  yield* mmu_notifier_invalidate_range_end(pvmw.mm, address, pvmw.end)
  return done
}

/**
 * mm/rmap.c:try_to_unmap of the locked folio of a file, of one in the swap cache, or of MADV_FREE memory. Gives up half-way
 * if the page has to stay.
 */
export function* try_to_unmap(folio: Folio, flags: number): Steps {
  yield* rmap_walk(folio, {
    rmap_one: try_to_unmap_one, arg: flags, until_unmapped: true, only_mapped: true, locked: (flags & TTU_RMAP_LOCKED) !== 0,
  })
}
