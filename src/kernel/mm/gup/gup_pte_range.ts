import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { FOLL_WRITE } from '../../include/gup_flags.js'
import { PG_referenced } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { type Pmd, pte_access_permitted, pte_pfn, pte_protnone, pte_special, pte_write } from '../../include/pgtable.js'
import { kernel, reverted } from '../../kernel.js'
import { ptep_get, pte_offset_map } from '../pgtable.js'
import { gup_can_follow_protnone } from './protnone.js'
import { gup_must_unshare, gup_put_folio, try_grab_folio } from './try_grab_folio.js'

/** mm/gup.c:gup_pte_range, one entry. Lockless: the caller has interrupts off. Undefined ends the walk. */
export function* gup_pte(pmd: Pmd, pmdp: Cell, address: number, flags: number): Steps<Page | undefined> {
  const ptep = pte_offset_map(pmd, address)
  const pte = yield* ptep_get(ptep)
  if (pte_protnone(pte) && !gup_can_follow_protnone(flags)) return undefined
  if (!pte_access_permitted(pte, (flags & FOLL_WRITE) !== 0)) return undefined
  if (pte_special(pte) || !kernel().profile.pteSpecial) return undefined
  const page = kernel().page(pte_pfn(pte))
  const folio = yield* try_grab_folio(page, 1, flags)
  if (!folio) return undefined
  const pmdChanged = reverted('70cbc3cc78a9') ? false : (yield* load(pmdp, { label: 'pmd == *pmdp?' })) !== pmd
  if (pmdChanged || (yield* load(ptep, { label: 'pte == *ptep?' })) !== pte) {
    yield* gup_put_folio(folio, 1, flags)
    return undefined
  }
  if (!pte_write(pte) && (yield* gup_must_unshare(flags, page))) {
    yield* gup_put_folio(folio, 1, flags)
    return undefined
  }
  yield* setBits(folio.flags, PG_referenced, { label: 'folio_set_referenced(folio)' })
  return page
}

/** mm/gup.c:gup_pte_range. The pages from `address` on, up to the first that needs the slow path. */
export function* gup_pte_range(pmd: Pmd, pmdp: Cell, address: number, end: number, flags: number): Steps<readonly Page[]> {
  const pages: Page[] = []
  for (let at = address; at < end; at++) {
    const page = yield* gup_pte(pmd, pmdp, at, flags)
    if (!page) break
    pages.push(page)
  }
  return pages
}
