import type { Cell } from '../../../engine/model/memory.js'
import { load, setBits, type Steps } from '../../../engine/model/step.js'
import { FOLL_LONGTERM, FOLL_WRITE } from '../../include/gup_flags.js'
import { PG_referenced } from '../../include/page_flags.js'
import type { DevPagemap } from '../../include/dev_pagemap.js'
import type { Page } from '../../include/page.js'
import { type Pmd, pmd_trans_huge, type Pte, pte_devmap, pte_pfn, pte_protnone, pte_special, pte_write } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { access_permitted } from './access_permitted.js'
import { get_dev_pagemap, put_dev_pagemap } from '../memremap/get_dev_pagemap.js'
import { ptep_get, pte_offset_map } from '../pgtable.js'
import { undo_dev_pagemap } from './gup_device_huge.js'
import { gup_huge_pmd } from './gup_huge_pmd.js'
import { gup_can_follow_protnone } from './protnone.js'
import { gup_must_unshare, gup_put_folio, try_grab_folio } from './try_grab_folio.js'

/** Whether the entry, or the table it is in, is not what we followed any more. */
function* changed(pmd: Pmd, pmdp: Cell, pte: Pte, ptep: Cell): Steps<boolean> {
  if (has('70cbc3cc78a9') && (yield* load(pmdp, { label: 'pmd == *pmdp?' })) !== pmd) return true
  return !has('mutant-no-pte-recheck') && (yield* load(ptep, { label: 'pte == *ptep?' })) !== pte
}

/** Whether GUP may follow the entry, as far as that alone tells. */
const followable = (pte: Pte, flags: number): boolean => {
  if (pte_protnone(pte) && !gup_can_follow_protnone(flags)) return false
  if (!access_permitted(pte, (flags & FOLL_WRITE) !== 0)) return false
  if (pte_devmap(pte)) return !(flags & FOLL_LONGTERM)
  return !pte_special(pte) && kernel().profile.pteSpecial
}

/** The page of an entry, with a reference, unless the entry has changed meanwhile. */
function* gup_page(pmd: Pmd, pmdp: Cell, pte: Pte, ptep: Cell, flags: number): Steps<Page | undefined> {
  const page = kernel().page(pte_pfn(pte))
  const early = has('mutant-recheck-before-reference')
  if (early && (yield* changed(pmd, pmdp, pte, ptep))) return undefined
  const folio = yield* try_grab_folio(page, 1, flags)
  if (!folio) return undefined
  if (!early && (yield* changed(pmd, pmdp, pte, ptep))) {
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

/**
 * mm/gup.c:gup_pte_range. The pages from `address` on, up to the first that needs the slow path. Lockless: the caller has interrupts
 * off. A table with huge entries is one of hugetlbfs, one level up. The pagemap of device memory is held to the end; if it
 * goes, so do all pages of the range.
 */
export function* gup_pte_range(pmd: Pmd, pmdp: Cell, address: number, end: number, flags: number): Steps<readonly Page[]> {
  const pages: Page[] = []
  let pgmap: DevPagemap | undefined
  for (let at = address; at < end; at++) {
    const ptep = pte_offset_map(pmd, at)
    const pte = yield* ptep_get(ptep)
    if (!pmd_trans_huge(pte) && !followable(pte, flags)) break
    if (pte_devmap(pte)) {
      pgmap = yield* get_dev_pagemap(pte_pfn(pte), pgmap)
      if (!pgmap) return yield* undo_dev_pagemap(pages, flags)
    }
    const page = pmd_trans_huge(pte)
      ? (yield* gup_huge_pmd(pte, ptep, at, at + 1, flags))[0]
      : yield* gup_page(pmd, pmdp, pte, ptep, flags)
    if (!page) break
    pages.push(page)
  }
  if (pgmap) yield* put_dev_pagemap(pgmap)
  return pages
}
