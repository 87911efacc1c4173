import { clearBits, fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { folio_nr_pages } from '../../include/compound.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { unmap_mapping_folio } from '../memory/unmap_mapping_range.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { folio_put_refs } from '../swap/folio_put.js'

/**
 * mm/truncate.c:truncate_inode_folio, of a folio without buffers, and mm/filemap.c:filemap_free_folio(). The folio is locked, and the
 * caller has a reference. Nothing if it is not in this file any more.
 */
export function* truncate_inode_folio(mapping: AddressSpace, folio: Folio): Steps {
  if ((yield* load(folio.mapping, { label: 'folio->mapping == mapping' })) !== mapping.ref * 4) return
  if (yield* folio_mapped(folio)) yield* unmap_mapping_folio(mapping, folio)
  const index = yield* load(folio.index, { label: 'folio->index' })
  const nr = yield* folio_nr_pages(folio)
  yield* clearBits(folio.flags, PG_dirty, { label: 'folio_cancel_dirty(folio)' })
  for (let i = 0; i < nr; i++) yield* store(mapping.i_pages[index + i]!, 0, { label: 'xas_store(NULL)' })
  yield* store(folio.mapping, 0, { label: 'folio->mapping = NULL' })
  yield* fetchAdd(mapping.nrpages, -nr, { label: 'mapping->nrpages -= nr' })
  yield* folio_put_refs(folio, nr)
}
