import { clearBits, fetchAdd, load, setBits, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_test_large, nth_page } from '../../include/compound.js'
import { PG_double_map } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import type { Vma } from '../../include/vma.js'
import { mlock_vma_page } from '../mlock/mlock_folio.js'
import { add_to_subpage_mapcounts } from './page_remove_rmap.js'

/**
 * mm/rmap.c:page_add_file_rmap. A PMD mapping of a file also counts in every page. `compound`: by a PMD.
 */
export function* page_add_file_rmap(page: Page, vma: Vma, compound: boolean): Steps {
  const folio = yield* compound_head(page)
  if (compound) {
    yield* add_to_subpage_mapcounts(folio, 1)
    const first = (yield* fetchAdd(folio.compound_mapcount, 1, { label: 'compound_mapcount++' })) === -1
    if (first) yield* clearBits(nth_page(folio, 1).flags, PG_double_map, { label: 'ClearPageDoubleMap(page)' })
  } else {
    const large = (yield* folio_test_large(folio)) && (yield* load(folio.mapping, { label: 'page_mapping(page)' })) !== 0
    if (large) yield* setBits(nth_page(folio, 1).flags, PG_double_map, { label: 'SetPageDoubleMap(head)' })
    yield* fetchAdd(page._mapcount, 1, { label: 'page->_mapcount++' })
  }
  yield* mlock_vma_page(folio, vma, compound)
}
