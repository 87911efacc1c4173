import { atomic, clearBits, fetchAdd, load, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_test_large, nth_page } from '../../include/compound.js'
import { PG_double_map } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { kernel } from '../../kernel.js'
import { mlock_vma_page } from '../mlock/mlock_folio.js'
import { add_to_subpage_mapcounts } from './page_remove_rmap.js'

/** Pages of a huge page that are mapped: counted by the increments themselves in the kernel. */
const mapped_subpages = (folio: Folio): Step =>
  atomic('pages with _mapcount >= 0', (m) => {
    let mapped = 0
    for (let i = 0; i < kernel().geometry.ptrsPerPte; i++) if (m.get(nth_page(folio, i)._mapcount) >= 0) mapped++
    return mapped
  })

/**
 * mm/rmap.c:page_add_file_rmap. A PMD mapping of a file also counts in every page. `compound`: by a PMD.
 */
export function* page_add_file_rmap(page: Page, vma: Vma, compound: boolean): Steps {
  const folio = yield* compound_head(page)
  if (compound) {
    const mapped = yield* mapped_subpages(folio)
    yield* add_to_subpage_mapcounts(folio, 1)
    const first = (yield* fetchAdd(folio.compound_mapcount, 1, { label: 'compound_mapcount++' })) === -1
    if (first && mapped === 0) yield* clearBits(nth_page(folio, 1).flags, PG_double_map, { label: 'ClearPageDoubleMap(page)' })
  } else {
    const large = (yield* folio_test_large(folio)) && (yield* load(folio.mapping, { label: 'page_mapping(page)' })) !== 0
    if (large) yield* setBits(nth_page(folio, 1).flags, PG_double_map, { label: 'SetPageDoubleMap(head)' })
    yield* fetchAdd(page._mapcount, 1, { label: 'page->_mapcount++' })
  }
  yield* mlock_vma_page(folio, vma, compound)
}
