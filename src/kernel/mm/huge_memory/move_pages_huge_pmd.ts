import { load, type Steps, store } from '../../../engine/model/step.js'
import { flush_tlb_range } from '../../../machine/flush.js'
import { EAGAIN, EBUSY, ENOENT } from '../../include/errno.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { is_swap_pmd, type Pmd, pmd_none, pmd_pfn, pmd_trans_huge, pte_mkdirty, pte_mksoft_dirty, pte_mkwrite } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'
import { promise, transferred } from '../../observer.js'
import { folio_maybe_dma_pinned } from '../gup/folio_maybe_dma_pinned.js'
import { linear_page_index } from '../linear_page_index.js'
import { pmd_migration_entry_wait } from '../migrate/migration_entry_wait.js'
import { mmu_notifier_invalidate_range_end, mmu_notifier_invalidate_range_start } from '../mmu_notifier.js'
import { pmd_lock, pmd_unlock, pmdp_get, set_pmd_at } from '../pgtable.js'
import { pmdp_huge_get_and_clear } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import type { MovePlaces } from '../userfaultfd/move_places.js'
import { mk_huge_pmd } from './mk_huge_pmd.js'

function* is_exclusive(folio: Folio): Steps<boolean> {
  return ((yield* load(folio.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
}

/** mm/pgtable-generic.c:pmdp_huge_clear_flush */
function* pmdp_huge_clear_flush({ mm, src_addr, src_pmdp }: MovePlaces): Steps<Pmd> {
  const pmd = yield* pmdp_huge_get_and_clear(mm, src_addr, src_pmdp)
  yield* flush_tlb_range(mm, src_addr, src_addr + kernel().geometry.ptrsPerPte)
  return pmd
}

/** With the lock held and nothing changed. The deposited table stays: it belongs to the PMD table, which is the same. */
function* move_folio(places: MovePlaces, folio: Folio): Steps<number> {
  if ((yield* folio_maybe_dma_pinned(folio)) || !(yield* is_exclusive(folio))) return -EBUSY
  const pmd = yield* pmdp_huge_clear_flush(places)
  if (!has('mutant-uffd-move-pins-first') && (yield* folio_maybe_dma_pinned(folio))) {
    yield* set_pmd_at(places.src_pmdp, pmd)
    return -EBUSY
  }
  const ref = yield* load(places.dst_vma.anon_vma, { label: 'dst_vma->anon_vma' })
  yield* store(folio.mapping, (ref << 2) | PAGE_MAPPING_ANON, { label: 'folio->mapping = anon_vma' })
  yield* store(folio.index, yield* linear_page_index(places.dst_vma, places.dst_addr), { label: 'folio->index' })
  const prot = yield* load(places.dst_vma.vm_page_prot, { label: 'dst_vma->vm_page_prot' })
  yield* set_pmd_at(places.dst_pmdp, pte_mkwrite(pte_mkdirty(mk_huge_pmd(folio, prot))))
  return 0
}

function* move_zero({ mm, dst_pmdp, ...places }: MovePlaces): Steps<number> {
  yield* set_pmd_at(dst_pmdp, pte_mksoft_dirty(yield* pmdp_huge_clear_flush({ mm, dst_pmdp, ...places })))
  return 0
}

function* move_locked(places: MovePlaces, seen: Pmd, folio: Folio | undefined): Steps<number> {
  if ((yield* pmdp_get(places.src_pmdp)) !== seen || !pmd_none(yield* pmdp_get(places.dst_pmdp))) return -EAGAIN
  const error = folio ? yield* move_folio(places, folio) : yield* move_zero(places)
  if (error) return error
  const { mm, src_addr, dst_addr } = places
  for (let n = 0; n < kernel().geometry.ptrsPerPte; n++) yield* transferred(mm, src_addr + n, dst_addr + n)
  yield* promise(mm, src_addr, src_addr + kernel().geometry.ptrsPerPte, 'no access', 'UFFDIO_MOVE, under the lock')
  return 0
}

/** mm/huge_memory.c:move_pages_huge_pmd. Called with the PMD lock, which it drops. 0 or a negative error number. */
export function* move_pages_huge_pmd(places: MovePlaces): Steps<number> {
  const { mm, src_addr, src_pmdp } = places
  const pmd = yield* pmdp_get(src_pmdp)
  if (!pmd_trans_huge(pmd)) {
    yield* pmd_unlock(mm)
    if (!is_swap_pmd(pmd)) return -ENOENT
    yield* pmd_migration_entry_wait(mm, src_pmdp)
    return -EAGAIN
  }
  const page = kernel().page(pmd_pfn(pmd))
  const folio = page === kernel().memory.hugeZeroPage ? undefined : page
  if (folio && !(yield* is_exclusive(folio))) {
    yield* pmd_unlock(mm)
    return -EBUSY
  }
  if (folio) yield* folio_get(folio)
  yield* pmd_unlock(mm)
  const end = src_addr + kernel().geometry.ptrsPerPte
  yield* mmu_notifier_invalidate_range_start(mm, src_addr, end)
  if (folio) yield* folio_lock(folio)
  yield* pmd_lock(mm)
  const error = yield* move_locked(places, pmd, folio)
  yield* pmd_unlock(mm)
  if (folio) yield* folio_unlock(folio)
  yield* mmu_notifier_invalidate_range_end(mm, src_addr, end)
  if (folio) yield* folio_put(folio)
  return error
}
