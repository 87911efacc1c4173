import { load, store, type Steps } from '../../../engine/model/step.js'
import { EAGAIN } from '../../include/errno.js'
import { is_swapcache } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { pfn_pte, pte_mkspecial } from '../../include/pgtable.js'
import { SWAP_HAS_CACHE } from '../../include/swap_area.js'
import { SWP_SOFT_DIRTY, swp_offset } from '../../include/swapops.js'
import { has, kernel } from '../../kernel.js'
import { promise, transferred } from '../../observer.js'
import { linear_page_index } from '../linear_page_index.js'
import { set_pte_at } from '../pgtable.js'
import { ptep_clear_flush, ptep_get_and_clear } from '../pgtable_generic.js'
import { slot_of } from '../swap_state/swap_cache.js'
import { double_pt_lock, double_pt_unlock, dst_pte, is_pte_pages_stable, type MoveEntries, src_pte } from './move_places.js'

/** The folio in the swap cache goes along: who brings it in finds it there. It is locked. */
function* move_cached({ dst_vma, dst_addr }: MoveEntries, folio: Folio): Steps {
  const ref = yield* load(dst_vma.anon_vma, { label: 'dst_vma->anon_vma' })
  yield* store(folio.mapping, (ref << 2) | PAGE_MAPPING_ANON, { label: 'folio->mapping = anon_vma' })
  yield* store(folio.index, yield* linear_page_index(dst_vma, dst_addr), { label: 'folio->index' })
}

/** Whether somebody has brought the slot into the swap cache since we looked, under the same entry. */
function* cached_meanwhile(slot: number): Steps<boolean> {
  if (!has('0ea148a79919')) return false
  return ((yield* load(kernel().swap.swap_map[slot]!, { label: 'si->swap_map[offset] & SWAP_HAS_CACHE' })) & SWAP_HAS_CACHE) !== 0
}

function* move_locked(at: MoveEntries, folio: Folio | undefined): Steps<number> {
  if (!(yield* is_pte_pages_stable(at))) return -EAGAIN
  if (folio) yield* move_cached(at, folio)
  else if (yield* cached_meanwhile(swp_offset(at.orig_src_pte))) return -EAGAIN
  const pte = yield* ptep_get_and_clear(at.mm, at.src_addr, src_pte(at))
  yield* set_pte_at(dst_pte(at), pte | SWP_SOFT_DIRTY)
  yield* transferred(at.mm, at.src_addr, at.dst_addr)
  yield* promise(at.mm, at.src_addr, at.src_addr + 1, 'no access', 'UFFDIO_MOVE, under the lock')
  return 1
}

/** Whether the folio is still in the swap cache, for this slot. */
export function* has_slot(folio: Folio, slot: number): Steps<boolean> {
  if (!has('0ea148a79919')) return true
  return is_swapcache(yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })) && (yield* slot_of(folio)) === slot
}

/** mm/userfaultfd.c:move_swap_pte. With a folio, the locked one that was in the swap cache. 1 or a negative error number. */
export function* move_swap_pte(at: MoveEntries, folio: Folio | undefined): Steps<number> {
  if (folio && !has('mutant-uffd-move-folio-first') && !(yield* has_slot(folio, swp_offset(at.orig_src_pte)))) return -EAGAIN
  yield* double_pt_lock(at)
  const moved = yield* move_locked(at, folio)
  yield* double_pt_unlock(at)
  return moved
}

/** mm/userfaultfd.c:move_zeropage_pte */
export function* move_zeropage_pte(at: MoveEntries): Steps<number> {
  yield* double_pt_lock(at)
  const stable = yield* is_pte_pages_stable(at)
  if (stable) {
    const prot = yield* load(at.dst_vma.vm_page_prot, { label: 'dst_vma->vm_page_prot' })
    yield* ptep_clear_flush(at.mm, at.src_addr, src_pte(at))
    yield* set_pte_at(dst_pte(at), pte_mkspecial(pfn_pte(kernel().memory.zeroPage.pfn, prot)))
    yield* transferred(at.mm, at.src_addr, at.dst_addr)
    yield* promise(at.mm, at.src_addr, at.src_addr + 1, 'no access', 'UFFDIO_MOVE, under the lock')
  }
  yield* double_pt_unlock(at)
  return stable ? 1 : -EAGAIN
}
