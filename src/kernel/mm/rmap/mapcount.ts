import { atomic, load, type Step, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_test_large, nth_page } from '../../include/compound.js'
import { PG_double_map } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { kernel } from '../../kernel.js'

/** PageDoubleMap lives in the first tail page. */
export function* PageDoubleMap(folio: Folio): Steps<boolean> {
  return ((yield* load(nth_page(folio, 1).flags, { label: 'PageDoubleMap(folio)' })) & PG_double_map) !== 0
}

/** mm/util.c:page_mapcount: mappings of this page, those of the whole huge page included. */
export function* page_mapcount(page: Page): Steps<number> {
  const mapped = (yield* load(page._mapcount, { label: 'page_mapcount(page)' })) + 1
  const folio = yield* compound_head(page)
  if (!(yield* folio_test_large(folio))) return mapped
  if (!folio.hugetlb && !((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON)) return mapped
  const entire = (yield* load(folio.compound_mapcount, { label: 'compound_mapcount(page)' })) + 1
  if (folio.hugetlb) return entire
  return mapped + entire - ((yield* PageDoubleMap(folio)) ? 1 : 0)
}

/** Σ (_mapcount + 1) over a huge page: one step here, a loop of loads in the kernel, under a lock or as an estimate. */
const sum_mapcounts = (folio: Folio): Step =>
  atomic('Σ page->_mapcount', (m) => {
    let sum = 0
    for (let i = 0; i < kernel().geometry.ptrsPerPte; i++) sum += m.get(nth_page(folio, i)._mapcount) + 1
    return sum
  })

/** mm/util.c:folio_mapcount: number of entries that map the folio or a part of it. */
export function* folio_mapcount(folio: Folio): Steps<number> {
  if (!(yield* folio_test_large(folio))) return (yield* load(folio._mapcount, { label: 'folio_mapcount(folio)' })) + 1
  const nr = kernel().geometry.ptrsPerPte
  const entire = (yield* load(folio.compound_mapcount, { label: 'folio_entire_mapcount()' })) + 1
  if (folio.hugetlb) return entire
  const sum = entire + (yield* sum_mapcounts(folio))
  if (!((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON)) return sum - entire * nr
  return (yield* PageDoubleMap(folio)) ? sum - nr : sum
}

/** mm/util.c:folio_mapped: any entry maps the folio or a part of it. */
export function* folio_mapped(folio: Folio): Steps<boolean> {
  if (!(yield* folio_test_large(folio))) return (yield* load(folio._mapcount, { label: 'folio_mapped(folio)' })) >= 0
  if ((yield* load(folio.compound_mapcount, { label: 'folio_mapped(folio)' })) >= 0) return true
  return !folio.hugetlb && (yield* sum_mapcounts(folio)) > 0
}

/** mm/huge_memory.c:page_trans_huge_mapcount, until 5.17: mappings of the part that is mapped most. Right only with the counts at rest. */
export function* page_trans_huge_mapcount(folio: Folio): Steps<number> {
  let most = 0
  for (let i = 0; i < kernel().geometry.ptrsPerPte; i++) {
    most = Math.max(most, (yield* load(nth_page(folio, i)._mapcount, { label: `page[${i}]._mapcount` })) + 1)
  }
  if (yield* PageDoubleMap(folio)) most--
  return most + (yield* load(folio.compound_mapcount, { label: 'compound_mapcount(page)' })) + 1
}
