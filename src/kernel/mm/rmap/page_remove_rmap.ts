import { atomic, clearBits, fetchAdd, load, type Step, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_test_large, nth_page } from '../../include/compound.js'
import { PG_double_map } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { deferred_split_huge_page } from '../huge_memory/deferred_split.js'
import { munlock_vma_page } from '../mlock/mlock_folio.js'

/**
 * Adds to the _mapcount of every page of a huge page: a loop of single updates in the kernel, under the PMD lock. How many
 * are not mapped then.
 */
export const add_to_subpage_mapcounts = (folio: Folio, delta: number): Step =>
  atomic(`page[i]._mapcount += ${delta}`, (m) => {
    let unmapped = 0
    for (let i = 0; i < kernel().geometry.ptrsPerPte; i++) {
      const { _mapcount } = nth_page(folio, i)
      m.set(_mapcount, m.get(_mapcount) + delta)
      if (m.get(_mapcount) < 0) unmapped++
    }
    return unmapped
  })

/** mm/rmap.c:page_remove_anon_compound_rmap */
export function* page_remove_anon_compound_rmap(folio: Folio): Steps {
  if ((yield* fetchAdd(folio.compound_mapcount, -1, { label: 'compound_mapcount--' })) !== 0) return
  const old = yield* clearBits(nth_page(folio, 1).flags, PG_double_map, { label: 'TestClearPageDoubleMap()' })
  if (!(old & PG_double_map)) return
  const unmapped = yield* add_to_subpage_mapcounts(folio, -1)
  if (unmapped > 0 && unmapped < kernel().geometry.ptrsPerPte) yield* deferred_split_huge_page(folio)
}

/** mm/rmap.c:page_remove_file_rmap */
export function* page_remove_file_rmap(page: Page, compound: boolean): Steps {
  if (!compound) return void (yield* fetchAdd(page._mapcount, -1, { label: 'page->_mapcount--' }))
  yield* add_to_subpage_mapcounts(page, -1)
  yield* fetchAdd(page.compound_mapcount, -1, { label: 'compound_mapcount--' })
}

/** mm/rmap.c:page_remove_rmap. `compound`: the PMD mapping of a huge page. The caller holds the page-table lock. */
export function* page_remove_rmap(page: Page, vma: Vma, compound: boolean): Steps {
  if (page.hugetlb) return void (yield* fetchAdd(page.compound_mapcount, -1, { label: 'compound_mapcount--' }))
  const folio = yield* compound_head(page)
  if (!((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON)) {
    yield* page_remove_file_rmap(page, compound)
  } else if (compound) yield* page_remove_anon_compound_rmap(page)
  else {
    const old = yield* fetchAdd(page._mapcount, -1, { label: 'page->_mapcount--' })
    if (old === 0 && (yield* folio_test_large(folio))) yield* deferred_split_huge_page(folio)
  }
  yield* munlock_vma_page(folio, vma, compound)
}
