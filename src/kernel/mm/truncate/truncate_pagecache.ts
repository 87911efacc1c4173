import { load, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { compound_head, folio_nr_pages } from '../../include/compound.js'
import { PG_dirty } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { filemap_lock_page } from '../filemap/filemap_get_folio.js'
import { split_huge_page } from '../huge_memory/split_huge_page.js'
import { unmap_mapping_pages } from '../memory/unmap_mapping_range.js'
import { folio_put } from '../swap/folio_put.js'
import { truncate_inode_folio } from './truncate_inode_folio.js'

/**
 * mm/truncate.c:truncate_inode_partial_folio: a huge page that the file is to end in. It is split; if somebody holds it, it stays as it
 * is when it is dirty, and goes whole otherwise. False if it stays.
 */
export function* truncate_inode_partial_folio(mapping: AddressSpace, folio: Folio): Steps<boolean> {
  if ((yield* split_huge_page(folio)) === 0) return true
  if ((yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })) & PG_dirty) return false
  yield* truncate_inode_folio(mapping, folio)
  return true
}

/** Takes the folio at an index out of the file, or what of it is behind the end. The index to go on from. */
function* truncate_index(mapping: AddressSpace, index: number, size: number): Steps<number> {
  const page = yield* filemap_lock_page(mapping, index)
  if (!page) return index + 1
  const folio = yield* compound_head(page)
  const nr = yield* folio_nr_pages(folio)
  const start = nr === 1 ? index : yield* load(folio.index, { label: 'folio->index' })
  const stays = start < size && !(yield* truncate_inode_partial_folio(mapping, folio))
  if (start >= size) yield* truncate_inode_folio(mapping, folio)
  yield* folio_unlock(folio)
  yield* folio_put(folio)
  if (stays) return start + nr
  return start < size ? index : start + nr
}

/** mm/truncate.c:truncate_setsize and truncate_pagecache: the file ends after `size` pages. */
export function* truncate_setsize(mapping: AddressSpace, size: number): Steps {
  const nr = mapping.i_pages.length - size
  yield* store(mapping.i_size, size, { label: 'i_size_write(inode, size)' })
  yield* unmap_mapping_pages(mapping, size, nr, true)
  for (let index = size; index < mapping.i_pages.length;) index = yield* truncate_index(mapping, index, size)
  yield* unmap_mapping_pages(mapping, size, nr, true)
}
