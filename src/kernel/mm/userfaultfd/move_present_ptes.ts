import { load, store, type Steps } from '../../../engine/model/step.js'
import { arch_enter_lazy_mmu_mode, arch_leave_lazy_mmu_mode } from '../../../machine/entry.js'
import { flush_tlb_range } from '../../../machine/flush.js'
import { folio_test_large } from '../../include/compound.js'
import { EAGAIN, EBUSY } from '../../include/errno.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { pfn_pte, type Pte, pte_dirty, pte_mkdirty, pte_mksoft_dirty, pte_mkwrite, pte_none, pte_pfn, pte_present } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { promise, transferred } from '../../observer.js'
import { pmd_addr_end } from '../addr_end.js'
import { folio_maybe_dma_pinned } from '../gup/folio_maybe_dma_pinned.js'
import { linear_page_index } from '../linear_page_index.js'
import { vm_normal_page } from '../memory/vm_normal_page.js'
import { ptep_get, set_pte_at } from '../pgtable.js'
import { ptep_get_and_clear } from '../pgtable_generic.js'
import { folio_put } from '../swap/folio_put.js'
import { double_pt_lock, double_pt_unlock, dst_pte, is_pte_pages_stable, type MoveEntries, src_pte } from './move_places.js'

/** How many pages went, or a negative error number; and the folio that the caller still holds and has locked. */
export interface Moved {
  readonly moved: number
  readonly folio: Folio | undefined
}

function* PageAnonExclusive(folio: Folio): Steps<boolean> {
  return ((yield* load(folio.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive) !== 0
}

/** A huge page, one that may be pinned, or one that others have too, stays. */
export function* may_not_move(folio: Folio): Steps<boolean> {
  if ((yield* folio_test_large(folio)) || (yield* folio_maybe_dma_pinned(folio))) return true
  return !(yield* PageAnonExclusive(folio))
}

/** mm/rmap.c:folio_move_anon_rmap, and the new index. The folio is locked. */
export function* move_rmap({ dst_vma, dst_addr }: MoveEntries, folio: Folio, n: number): Steps {
  const ref = yield* load(dst_vma.anon_vma, { label: 'dst_vma->anon_vma' })
  yield* store(folio.mapping, (ref << 2) | PAGE_MAPPING_ANON, { label: 'folio->mapping = anon_vma' })
  if (!has('mutant-uffd-move-index')) yield* store(folio.index, yield* linear_page_index(dst_vma, dst_addr + n), { label: 'folio->index' })
}

export function* set_moved_pte(at: MoveEntries, folio: Folio, orig: Pte, n: number): Steps {
  const prot = yield* load(at.dst_vma.vm_page_prot, { label: 'dst_vma->vm_page_prot' })
  const soft = pte_mksoft_dirty(pfn_pte(folio.pfn, prot))
  yield* set_pte_at(dst_pte(at, n), pte_mkwrite(pte_dirty(orig) ? pte_mkdirty(soft) : soft))
  yield* transferred(at.mm, at.src_addr + n, at.dst_addr + n)
}

/** mm/userfaultfd.c:check_ptes_for_batched_move: the next page, locked, if it can go as well. */
export function* check_ptes_for_batched_move(at: MoveEntries, n: number): Steps<Folio | undefined> {
  if (!pte_none(yield* ptep_get(dst_pte(at, n)))) return undefined
  const pte = yield* ptep_get(src_pte(at, n))
  if (!pte_present(pte) || pte_pfn(pte) === kernel().memory.zeroPage.pfn) return undefined
  const folio = yield* vm_normal_page(at.src_vma, at.src_addr + n, pte)
  if (!folio || !(yield* folio_trylock(folio))) return undefined
  if ((yield* PageAnonExclusive(folio)) && !(yield* folio_test_large(folio))) return folio
  yield* folio_unlock(folio)
  return undefined
}

/** Pages from the first one on, as many as can go. How many, or -EBUSY. The last one that was looked at is unlocked. */
function* move_batch(at: MoveEntries, first: Folio, len: number): Steps<number> {
  let folio: Folio | undefined = first
  let n = 0
  while (folio) {
    const pte = yield* ptep_get_and_clear(at.mm, at.src_addr + n, src_pte(at, n))
    if (!has('mutant-uffd-move-pins-first') && (yield* folio_maybe_dma_pinned(folio))) {
      yield* set_pte_at(src_pte(at, n), pte)
      break
    }
    yield* move_rmap(at, folio, n)
    yield* set_moved_pte(at, folio, pte, n)
    n++
    if (n === len) break
    yield* folio_unlock(folio)
    folio = yield* check_ptes_for_batched_move(at, n)
  }
  yield* arch_leave_lazy_mmu_mode()
  if (n > 0 && !has('mutant-uffd-move-flush-late')) yield* flush_tlb_range(at.mm, at.src_addr, at.src_addr + n)
  yield* promise(at.mm, at.src_addr, at.src_addr + n, 'no access', 'UFFDIO_MOVE, under the locks')
  if (folio) yield* folio_unlock(folio)
  return n > 0 ? n : -EBUSY
}

/**
 * mm/userfaultfd.c:move_present_ptes. The folio is locked, and the caller has a reference. One flush for all of the batch: until then
 * a CPU may reach the pages by both addresses.
 */
export function* move_present_ptes(at: MoveEntries, folio: Folio): Steps<Moved> {
  const dst_end = pmd_addr_end(at.dst_addr, at.dst_addr + at.len)
  const len = pmd_addr_end(at.src_addr, at.src_addr + dst_end - at.dst_addr) - at.src_addr
  yield* double_pt_lock(at)
  const stable = yield* is_pte_pages_stable(at)
  if (!stable || (yield* may_not_move(folio))) {
    yield* double_pt_unlock(at)
    return { moved: stable ? -EBUSY : -EAGAIN, folio }
  }
  yield* folio_put(folio)
  yield* arch_enter_lazy_mmu_mode()
  const moved = yield* move_batch(at, folio, len)
  yield* double_pt_unlock(at)
  if (moved > 0 && has('mutant-uffd-move-flush-late')) yield* flush_tlb_range(at.mm, at.src_addr, at.src_addr + moved)
  return { moved, folio: undefined }
}
