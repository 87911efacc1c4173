import { fetchAdd, setBits, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { PG_locked, PG_swapbacked, PG_uptodate } from '../../include/page_flags.js'
import type { Page } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { folio_locked } from '../../locking/folio_lock.js'
import { clear_page } from '../copy_page.js'
import { filemap_lock_page } from '../filemap/filemap_get_folio.js'
import { alloc_page } from '../page_alloc.js'
import { folio_add_lru } from '../swap/lru_add.js'

/** mm/shmem.c:shmem_add_to_page_cache; the page cache holds a reference. */
function* add_to_page_cache(mapping: AddressSpace, index: number, page: Page): Steps {
  yield* folio_get(page)
  yield* store(page.mapping, mapping.ref << 2, { label: 'folio->mapping = mapping' })
  yield* store(page.index, index, { label: 'folio->index = index' })
  yield* store(mapping.i_pages[index]!, page.pfn + 1, { label: 'xas_store(folio)' })
  yield* fetchAdd(mapping.nrpages, 1, { label: 'mapping->nrpages++' })
}

/** mm/shmem.c:shmem_get_folio_gfp with SGP_CACHE: the page, locked and with a reference; made if there is none. */
export function* shmem_get_folio(mapping: AddressSpace, index: number): Steps<Page | undefined> {
  const found = yield* filemap_lock_page(mapping, index)
  if (found) return found
  const page = yield* alloc_page()
  if (!page) return undefined
  yield* setBits(page.flags, PG_locked | PG_swapbacked, { label: '__folio_set_locked(folio)', lock: folio_locked(page) })
  yield* add_to_page_cache(mapping, index, page)
  yield* folio_add_lru(page)
  yield* clear_page(page)
  yield* setBits(page.flags, PG_uptodate, { label: 'folio_mark_uptodate(folio)' })
  return page
}
