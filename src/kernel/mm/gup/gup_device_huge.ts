import type { Cell } from '../../../engine/model/memory.js'
import { clearBits, load, setBits, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { PG_referenced } from '../../include/page_flags.js'
import type { DevPagemap } from '../../include/dev_pagemap.js'
import type { Page } from '../../include/page.js'
import { type Pmd, pmd_pfn } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { get_dev_pagemap, put_dev_pagemap } from '../memremap/get_dev_pagemap.js'
import { pte_index } from '../pgtable.js'
import { gup_put_folio } from './try_grab_folio.js'
import { try_grab_page } from './try_grab_page.js'

const NONE: readonly Page[] = []

/** mm/gup.c:undo_dev_pagemap: pages that were taken already are given back, the last one first. */
export function* undo_dev_pagemap(pages: readonly Page[], flags: number): Steps<readonly Page[]> {
  for (const page of pages.toReversed()) {
    yield* clearBits(page.flags, PG_referenced, { label: 'ClearPageReferenced(page)' })
    yield* gup_put_folio(yield* compound_head(page), 1, flags)
  }
  return NONE
}

/** mm/gup.c:__gup_device_huge: page by page, for they are no compound page. Each has a base reference while its pagemap lives. */
export function* __gup_device_huge(first: number, nr: number, flags: number): Steps<readonly Page[]> {
  const pages: Page[] = []
  let pgmap: DevPagemap | undefined
  for (let pfn = first; pfn < first + nr; pfn++) {
    pgmap = yield* get_dev_pagemap(pfn, pgmap)
    if (!pgmap) return yield* undo_dev_pagemap(pages, flags)
    const page = kernel().page(pfn)
    yield* setBits(page.flags, PG_referenced, { label: 'SetPageReferenced(page)' })
    const got = yield* try_grab_page(page, flags)
    if (!got) yield* undo_dev_pagemap(pages, flags)
    if (!got) break
    pages.push(page)
  }
  if (pgmap) yield* put_dev_pagemap(pgmap)
  return pages.length === nr ? pages : NONE
}

/** mm/gup.c:__gup_device_huge_pmd. All pages of the range, unless the entry has changed meanwhile. */
export function* __gup_device_huge_pmd(orig: Pmd, pmdp: Cell, address: number, end: number, flags: number): Steps<readonly Page[]> {
  const pages = yield* __gup_device_huge(pmd_pfn(orig) + pte_index(address), end - address, flags)
  if (pages.length === 0 || has('mutant-no-pmd-recheck')) return pages
  if ((yield* load(pmdp, { label: 'pmd == *pmdp?' })) !== orig) return yield* undo_dev_pagemap(pages, flags)
  return pages
}
