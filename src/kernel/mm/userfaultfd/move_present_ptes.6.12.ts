import type { Steps } from '../../../engine/model/step.js'
import { flush_tlb_page } from '../../../machine/flush.js'
import { EAGAIN, EBUSY } from '../../include/errno.js'
import type { Folio } from '../../include/page.js'
import { has } from '../../kernel.js'
import { promise } from '../../observer.js'
import { folio_maybe_dma_pinned } from '../gup/folio_maybe_dma_pinned.js'
import { set_pte_at } from '../pgtable.js'
import { ptep_clear_flush, ptep_get_and_clear } from '../pgtable_generic.js'
import { double_pt_lock, double_pt_unlock, is_pte_pages_stable, type MoveEntries, src_pte } from './move_places.js'
import { may_not_move, move_rmap, type Moved, set_moved_pte } from './move_present_ptes.js'

/** With the locks held. */
function* move_locked(at: MoveEntries, folio: Folio): Steps<number> {
  if (!(yield* is_pte_pages_stable(at))) return -EAGAIN
  if (yield* may_not_move(folio)) return -EBUSY
  const late = has('mutant-uffd-move-flush-late')
  const pte = late ? yield* ptep_get_and_clear(at.mm, at.src_addr, src_pte(at)) : yield* ptep_clear_flush(at.mm, at.src_addr, src_pte(at))
  if (!has('mutant-uffd-move-pins-first') && (yield* folio_maybe_dma_pinned(folio))) {
    yield* set_pte_at(src_pte(at), pte)
    return -EBUSY
  }
  yield* move_rmap(at, folio, 0)
  yield* set_moved_pte(at, folio, pte, 0)
  yield* promise(at.mm, at.src_addr, at.src_addr + 1, 'no access', 'UFFDIO_MOVE, under the lock')
  return 1
}

/** mm/userfaultfd.c:move_present_pte, until 6.17: one page, whose entry is flushed before its pins are looked at. */
export function* move_present_ptes_6_12(at: MoveEntries, folio: Folio): Steps<Moved> {
  yield* double_pt_lock(at)
  const moved = yield* move_locked(at, folio)
  yield* double_pt_unlock(at)
  if (moved > 0 && has('mutant-uffd-move-flush-late')) yield* flush_tlb_page(at.mm, at.src_addr)
  return { moved, folio }
}
