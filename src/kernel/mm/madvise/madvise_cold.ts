import type { Cell } from '../../../engine/model/memory.js'
import { clearBits, load, type Steps } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { PG_lru, PG_referenced, PG_unevictable } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { type Pmd, pmd_pfn, pmd_present, pmd_trans_huge, pte_mkold, pte_none, pte_present, pte_young } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_trylock } from '../../locking/folio_lock.js'
import { spin_lock, spin_unlock } from '../../locking/spinlock.js'
import type { MmuGather } from '../../percpu.js'
import { pmd_addr_end } from '../addr_end.js'
import { lock_page_table } from '../memory/pte_lock.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { tlb_end_vma, tlb_finish_mmu, tlb_flush_pte_range, tlb_gather_mmu } from '../mmu_gather/mmu_gather.js'
import { pmd_lock, pmd_offset, pmd_unlock, pmdp_get, pte_lockptr, pte_offset_map, ptep_get, set_pmd_at, set_pte_at } from '../pgtable.js'
import { pmdp_invalidate, ptep_get_and_clear } from '../pgtable_generic.js'
import { pmd_of_table } from '../pmd_trans_unstable.js'
import { flush_tlb_batched_pending } from '../rmap/flush_tlb_batched_pending.js'
import { page_mapcount } from '../rmap/mapcount.js'
import { deactivate_page } from '../swap/folio_activate.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { reclaim_pages } from '../vmscan/reclaim_folio.js'
import { split_held } from './madvise_free.js'

/** Cold pages go to the end of their list; those to be paged out are isolated, unless they are unevictable. Whether it was. */
function* deactivate(folio: Folio, pageout: boolean): Steps<boolean> {
  yield* clearBits(folio.flags, PG_referenced, { label: 'ClearPageReferenced(page)' })
  if (!pageout) {
    yield* deactivate_page(folio)
    return false
  }
  if (!(yield* folio_isolate_lru(folio))) return false
  if (!((yield* load(folio.flags, { label: 'PageUnevictable(page)' })) & PG_unevictable)) return true
  yield* folio_putback_lru(folio)
  return false
}

/** A huge page mapped by small entries is split if it is ours. False ends the walk of the table. */
function* split_mapped(page: Page, ptl: Cell): Steps<boolean> {
  if ((yield* page_mapcount(page)) !== 1) return false
  const folio = yield* compound_head(page)
  yield* folio_get(folio)
  if (!(yield* folio_trylock(folio))) {
    yield* folio_put(folio)
    return false
  }
  yield* spin_unlock(ptl)
  const split = yield* split_held(folio)
  yield* spin_lock(ptl)
  return split
}

type ColdPte = 'next' | 'again' | 'end' | Folio

/** A folio is one that is to be paged out. */
function* cold_pte(mm: Mm, tlb: MmuGather, vma: Vma, ptep: Cell, ptl: Cell, address: number, pageout: boolean): Steps<ColdPte> {
  const pte = yield* ptep_get(ptep)
  if (pte_none(pte) || !pte_present(pte)) return 'next'
  const page = yield* vm_normal_page(vma, address, pte)
  if (!page || kernel().memory.isDevice(page)) return 'next'
  const folio = yield* compound_head(page)
  if (yield* folio_test_large(folio)) return (yield* split_mapped(page, ptl)) ? 'again' : 'end'
  if (!((yield* load(folio.flags, { label: 'PageLRU(page)' })) & PG_lru) || (yield* page_mapcount(page)) !== 1) return 'next'
  if (pte_young(pte)) {
    const old = yield* ptep_get_and_clear(mm, address, ptep)
    yield* set_pte_at(ptep, pte_mkold(old))
    yield* tlb_flush_pte_range(tlb, address, address + 1)
  }
  return (yield* deactivate(folio, pageout)) ? folio : 'next'
}

function* cold_table(mm: Mm, tlb: MmuGather, vma: Vma, pmdp: Cell, seen: Pmd, address: number, end: number, pageout: boolean): Steps {
  const isolated: Folio[] = []
  const pmd = yield* lock_page_table(pmdp, seen)
  if (pmd === undefined) return
  const ptl = pte_lockptr(pmd)
  yield* flush_tlb_batched_pending(mm)
  yield* arch_enter_lazy_mmu_mode()
  for (let at = address; at < end;) {
    const done = yield* cold_pte(mm, tlb, vma, pte_offset_map(pmd, at), ptl, at, pageout)
    if (done === 'end') break
    if (typeof done !== 'string') isolated.push(done)
    if (done !== 'again') at++
  }
  yield* arch_leave_lazy_mmu_mode()
  yield* spin_unlock(ptl)
  if (pageout) yield* reclaim_pages(isolated)
}

/** The huge page under a PMD. True: go on with its small pages. */
function* cold_huge(mm: Mm, tlb: MmuGather, pmdp: Cell, address: number, next: number, pageout: boolean): Steps<boolean> {
  yield* pmd_lock(mm)
  const pmd = yield* pmdp_get(pmdp)
  const normal = pmd_trans_huge(pmd) && pmd_present(pmd) && pmd_pfn(pmd) !== kernel().memory.hugeZeroPage.pfn
  const folio = normal ? kernel().page(pmd_pfn(pmd)) : undefined
  if (!folio || (yield* page_mapcount(folio)) !== 1) {
    yield* pmd_unlock(mm)
    return !pmd_trans_huge(pmd)
  }
  if (next - address !== kernel().geometry.ptrsPerPte) {
    yield* folio_get(folio)
    yield* pmd_unlock(mm)
    yield* folio_lock(folio)
    return yield* split_held(folio)
  }
  if (pte_young(pmd)) {
    yield* pmdp_invalidate(mm, address, pmdp)
    yield* set_pmd_at(pmdp, pte_mkold(pmd))
    yield* tlb_flush_pte_range(tlb, address, next)
  }
  const isolated = yield* deactivate(folio, pageout)
  yield* pmd_unlock(mm)
  if (isolated) yield* reclaim_pages([folio])
  return false
}

/** mm/madvise.c:madvise_cold_or_pageout_pte_range */
export function* madvise_cold_or_pageout_pte_range(mm: Mm, tlb: MmuGather, vma: Vma, address: number, next: number, pageout: boolean): Steps {
  const pmdp = pmd_offset(mm, address)
  if (pmd_trans_huge(yield* pmdp_get(pmdp)) && !(yield* cold_huge(mm, tlb, pmdp, address, next, pageout))) return
  const table = yield* pmd_of_table(pmdp)
  if (table !== undefined) yield* cold_table(mm, tlb, vma, pmdp, table, address, next, pageout)
}

/** mm/madvise.c:madvise_cold, and madvise_pageout. */
export function* madvise_cold(mm: Mm, vma: Vma, start: number, end: number, pageout: boolean): Steps {
  yield* lru_add_drain()
  const tlb = yield* tlb_gather_mmu(mm)
  for (let at = start; at < end;) {
    const next = pmd_addr_end(at, end)
    yield* madvise_cold_or_pageout_pte_range(mm, tlb, vma, at, next, pageout)
    at = next
  }
  yield* tlb_end_vma(mm, tlb)
  yield* tlb_finish_mmu(mm, tlb)
}
