import { clearBits, fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { filemap_lock_page } from '../filemap/filemap_get_folio.js'
import { unmap_mapping_folio, unmap_mapping_pages } from '../memory/unmap_mapping_range.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { folio_put } from '../swap/folio_put.js'

/** mm/truncate.c:truncate_inode_folio, of a small page without buffers. */
function* truncate_inode_folio(mapping: AddressSpace, index: number, folio: Folio): Steps {
  if (yield* folio_mapped(folio)) yield* unmap_mapping_folio(mapping, folio)
  yield* clearBits(folio.flags, PG_dirty, { label: 'folio_cancel_dirty(folio)' })
  yield* store(mapping.i_pages[index]!, 0, { label: 'xas_store(NULL)' })
  yield* store(folio.mapping, 0, { label: 'folio->mapping = NULL' })
  yield* fetchAdd(mapping.nrpages, -1, { label: 'mapping->nrpages--' })
  yield* folio_put(folio)
}

function* truncate_index(mapping: AddressSpace, index: number): Steps {
  const folio = yield* filemap_lock_page(mapping, index)
  if (!folio) return
  if ((yield* load(mapping.i_pages[index]!, { label: 'folio->mapping == mapping' })) === folio.pfn + 1) {
    yield* truncate_inode_folio(mapping, index, folio)
  }
  yield* folio_unlock(folio)
  yield* folio_put(folio)
}

/** mm/truncate.c:truncate_setsize and truncate_pagecache: the file ends after `size` pages. */
export function* truncate_setsize(mapping: AddressSpace, size: number): Steps {
  const nr = mapping.i_pages.length - size
  yield* store(mapping.i_size, size, { label: 'i_size_write(inode, size)' })
  yield* unmap_mapping_pages(mapping, size, nr, true)
  for (let index = size; index < mapping.i_pages.length; index++) yield* truncate_index(mapping, index)
  yield* unmap_mapping_pages(mapping, size, nr, true)
}
