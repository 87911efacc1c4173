import { load, type Steps } from '../../engine/model/step.js'
import { folio_nr_pages } from '../include/compound.js'
import { is_swapcache, PG_private } from '../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../include/page.js'
import { folio_mapcount } from './rmap/mapcount.js'

/** include/linux/mm.h:folio_expected_ref_count: references of the caches and of page tables. */
export function* folio_expected_ref_count(folio: Folio): Steps<number> {
  const nr = yield* folio_nr_pages(folio)
  const flags = yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })
  const mapping = yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })
  const file = mapping & PAGE_MAPPING_ANON ? 0 : (mapping ? nr : 0) + (flags & PG_private ? 1 : 0)
  return (is_swapcache(flags) ? nr : 0) + file + (yield* folio_mapcount(folio))
}
