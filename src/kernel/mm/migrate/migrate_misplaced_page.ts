import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import { PG_dirty, PG_swapbacked } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { folio_mapcount } from '../rmap/mapcount.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'
import { migrate_pages } from './migrate_pages.js'

/** The node of every CPU. */
const NUMA_NODE_ID = 0

/** mm/memory.c:numa_migrate_prep. With a reference to the page; the node it should be on, undefined if it may stay. */
export function* numa_migrate_prep(page: Page): Steps<number | undefined> {
  yield* folio_get(yield* compound_head(page))
  return page.nid === NUMA_NODE_ID ? undefined : NUMA_NODE_ID
}

/** mm/migrate.c:migrate_misplaced_page. Consumes the reference. Whether the page has moved; it waits for no lock. */
export function* migrate_misplaced_page(page: Page, nid: number): Steps<boolean> {
  const folio = yield* compound_head(page)
  const flags = yield* load(folio.flags, { label: 'page_is_file_lru(page)' })
  const dirty_file = (flags & (PG_swapbacked | PG_dirty)) === PG_dirty
  const shared_huge = (yield* folio_test_large(folio)) && (yield* folio_mapcount(folio)) > 1
  const isolated = !dirty_file && !shared_huge && (yield* folio_isolate_lru(folio))
  yield* folio_put(folio)
  if (!isolated) return false
  const left = yield* migrate_pages([folio], { nid, async: true, nosplit: true })
  for (const still of left) yield* folio_putback_lru(still)
  return left.length === 0
}
