import { load, setBits, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { is_swapcache, PG_anon_exclusive, PG_dirty } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { type Pte, pte_dirty, pte_mkclean, pte_write, pte_wrprotect } from '../../include/pgtable.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { mmu_notifier_change_pte, mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_clear_flush } from '../pgtable_generic.js'
import { page_mapcount } from '../rmap/mapcount.js'
import { folio_vma_walk, type Mapped, page_vma_mapped_walk, page_vma_mapped_walk_done, type Pvmw } from '../rmap/page_vma_mapped_walk.js'
import { page_try_share_anon_rmap } from '../rmap/share_anon_rmap.js'
import { page_address_in_vma } from './page_address_in_vma.js'

/** A store through the entry is possible, or one through a TLB that was not flushed yet. */
function* may_be_written(mm: Mm, page: Page, pte: Pte): Steps<readonly [needed: boolean, exclusive: boolean]> {
  const exclusive = ((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
  if (pte_write(pte) || pte_dirty(pte) || exclusive) return [true, exclusive]
  return [(yield* load(mm.tlb_flush_pending, { label: 'mm_tlb_flush_pending(mm)' })) > 0, exclusive]
}

/** The reference of the swap cache. No step in a kernel without swap. */
function* in_swap_cache(page: Page): Steps<number> {
  if (kernel().geometry.swapSlots === 0) return 0
  return is_swapcache(yield* load(page.flags, { label: 'PageSwapCache(page)' })) ? 1 : 0
}

/** Nobody but page tables and the swap cache refers to the page; and, if exclusive, it is not pinned. Looked at while the entry is clear. */
function* is_ours(page: Page, swapped: number, exclusive: boolean): Steps<boolean> {
  const mapped = yield* page_mapcount(page)
  if (mapped + 1 + swapped !== (yield* folio_ref_count(page))) return false
  return !exclusive || (yield* page_try_share_anon_rmap(page, page))
}

/** Under the page-table lock. The entry that is there then; undefined if the page is in use otherwise. */
function* protect(pvmw: Pvmw, at: Mapped, page: Page): Steps<Pte | undefined> {
  const ptep = at.ptep!
  const pte = yield* ptep_get(ptep)
  const [needed, exclusive] = yield* may_be_written(pvmw.mm, page, pte)
  if (!needed) return pte
  const swapped = yield* in_swap_cache(page)
  const old = yield* ptep_clear_flush(pvmw.mm, at.address, ptep)
  if (!(yield* is_ours(page, swapped, exclusive))) {
    yield* set_pte_at(ptep, old)
    return undefined
  }
  if (pte_dirty(old)) yield* setBits(page.flags, PG_dirty, { label: 'set_page_dirty(page)' })
  const entry = pte_mkclean(pte_wrprotect(old))
  yield* mmu_notifier_change_pte(pvmw.mm, at.address, entry)
  yield* set_pte_at(ptep, entry)
  return entry
}

/** mm/ksm.c:write_protect_page. The locked page cannot change any more through this mapping. Its entry; or undefined. */
export function* write_protect_page(vma: Vma, page: Page): Steps<Pte | undefined> {
  const address = yield* page_address_in_vma(page, vma)
  if (address === undefined) return undefined
  const pvmw = yield* folio_vma_walk(page, vma, address, 0)
  yield* mmu_notifier_invalidate_range_start(pvmw.mm, address, address + 1)
  const at = yield* page_vma_mapped_walk(pvmw)
  let entry: Pte | undefined
  if (at) {
    if (at.ptep !== undefined) entry = yield* protect(pvmw, at, page)
    yield* page_vma_mapped_walk_done(pvmw, at)
  }
  yield* mmu_notifier_invalidate_range_end(pvmw.mm, address, address + 1)
  return entry
}
