import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { FOLL_LONGTERM, FOLL_WRITE } from '../../include/gup_flags.js'
import { PG_referenced } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { type Pmd, pmd_pfn, pmd_write, pte_devmap, pte_special } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { pmd_access_permitted } from './access_permitted.js'
import { pte_index } from '../pgtable.js'
import { __gup_device_huge_pmd } from './gup_device_huge.js'
import { gup_must_unshare, gup_put_folio, try_grab_folio } from './try_grab_folio.js'

const NONE: readonly Page[] = []

/** mm/gup.c:gup_huge_pmd. All pages of the range, or none. */
export function* gup_huge_pmd(pmd: Pmd, pmdp: Cell, address: number, end: number, flags: number): Steps<readonly Page[]> {
  if (!pmd_access_permitted(pmd, (flags & FOLL_WRITE) !== 0)) return NONE
  if (has('huge-special') && pte_special(pmd)) return NONE
  if (pte_devmap(pmd)) return flags & FOLL_LONGTERM ? NONE : yield* __gup_device_huge_pmd(pmd, pmdp, address, end, flags)
  const head = kernel().page(pmd_pfn(pmd))
  const first = head.hugetlb ? head.pfn : head.pfn + pte_index(address)
  const page = kernel().page(first)
  const refs = end - address
  const folio = yield* try_grab_folio(page, refs, flags)
  if (!folio) return NONE
  if (!has('mutant-no-huge-recheck') && (yield* load(pmdp, { label: 'pmd == *pmdp?' })) !== pmd) {
    yield* gup_put_folio(folio, refs, flags)
    return NONE
  }
  if (!pmd_write(pmd) && (yield* gup_must_unshare(flags, folio))) {
    yield* gup_put_folio(folio, refs, flags)
    return NONE
  }
  yield* setBits(folio.flags, PG_referenced, { label: 'folio_set_referenced(folio)' })
  return Array.from({ length: refs }, (_, i) => kernel().page(first + i))
}
