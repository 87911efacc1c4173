import { type Steps } from '../../../engine/model/step.js'
import { FOLL_GET, FOLL_PIN, FOLL_WRITE } from '../../include/gup_flags.js'
import type { Mm } from '../../include/mm.js'
import type { Page } from '../../include/page.js'
import { pte_none, pte_pfn, pte_write } from '../../include/pgtable.js'
import { kernel } from '../../kernel.js'
import { gup_must_unshare, try_grab_folio } from '../gup/try_grab_folio.js'
import { type HugePte, huge_pte_lock, huge_pte_offset, huge_pte_unlock, huge_ptep_get } from './huge_pte.js'

function* follow_locked(pte: HugePte, flags: number): Steps<Page | 'none' | 'unshare'> {
  const entry = yield* huge_ptep_get(pte.ptep)
  if (pte_none(entry)) return 'none'
  const page = kernel().page(pte_pfn(entry))
  if (!pte_write(entry)) {
    if (flags & FOLL_WRITE) return 'none'
    if (yield* gup_must_unshare(flags, page)) return 'unshare'
  }
  if (!(flags & (FOLL_GET | FOLL_PIN))) return page
  return (yield* try_grab_folio(page, 1, flags)) ?? 'none'
}

/** mm/hugetlb.c:follow_hugetlb_page, one round: the page, or the fault that is due before it is tried again. */
export function* follow_hugetlb_page(mm: Mm, address: number, flags: number): Steps<Page | 'none' | 'unshare'> {
  const pte = yield* huge_pte_offset(mm, address)
  if (!pte) return 'none'
  yield* huge_pte_lock(pte)
  const found = yield* follow_locked(pte, flags)
  yield* huge_pte_unlock(pte)
  return found
}
