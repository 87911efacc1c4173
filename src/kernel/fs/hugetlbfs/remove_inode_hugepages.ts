import { clearBits, fetchAdd, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { PG_dirty, PG_uptodate } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'
import { mutex_lock, mutex_unlock } from '../../locking/mutex.js'
import { xas_load } from '../../mm/filemap/filemap_get_folio.js'
import { try_get_folio } from '../../mm/gup/try_grab_folio.js'
import { hugetlb_unreserve_pages } from '../../mm/hugetlb/hugetlb_reserve_pages.js'
import { folio_mapped } from '../../mm/rmap/mapcount.js'
import { folio_put } from '../../mm/swap/folio_put.js'
import { hugetlb_unmap_file_folio } from './hugetlb_unmap_file_folio.js'

/** fs/hugetlbfs/inode.c:hugetlb_delete_from_page_cache. The folio is locked. */
export function* hugetlb_delete_from_page_cache(mapping: AddressSpace, folio: Folio, index: number): Steps {
  yield* clearBits(folio.flags, PG_dirty | PG_uptodate, { label: 'ClearPageDirty, ClearPageUptodate' })
  yield* store(mapping.i_pages[index]!, 0, { label: 'xas_store(NULL)' })
  yield* store(folio.mapping, 0, { label: 'folio->mapping = NULL' })
  yield* fetchAdd(mapping.nrpages, -1, { label: 'mapping->nrpages--' })
  yield* folio_put(folio)
}

/** fs/hugetlbfs/inode.c:remove_inode_single_folio.. */
export function* remove_inode_single_folio(mapping: AddressSpace, folio: Folio, index: number, truncate: boolean): Steps<boolean> {
  yield* folio_lock(folio)
  if (yield* folio_mapped(folio)) yield* hugetlb_unmap_file_folio(mapping, folio, index)
  yield* hugetlb_delete_from_page_cache(mapping, folio, index)
  if (!truncate) yield* hugetlb_unreserve_pages(mapping, index, index + 1, 1)
  yield* folio_unlock(folio)
  return true
}

/** mm/filemap.c:filemap_get_folios, of one index. */
function* get_folio(mapping: AddressSpace, index: number): Steps<Folio | undefined> {
  const folio = yield* xas_load(mapping, index)
  if (!folio || !(yield* try_get_folio(folio, 1))) return undefined
  if ((yield* xas_load(mapping, index)) === folio) return folio
  yield* folio_put(folio)
  return undefined
}

/**
 * fs/hugetlbfs/inode.c:remove_inode_hugepages: the pages [start, end) leave the file. Without `end` this is truncation. A
 * fault that came between is undone: hugetlb_fault_mutex lets no other in. Batches of one page.
 */
export function* remove_inode_hugepages(mapping: AddressSpace, start: number, end?: number): Steps {
  let freed = 0
  for (let index = start; index < (end ?? mapping.i_pages.length); index++) {
    const folio = yield* get_folio(mapping, index)
    if (!folio) continue
    const mutex = mapping.hugetlb_fault_mutex[index]!
    yield* mutex_lock(mutex, 'mutex_lock(hugetlb_fault_mutex)')
    if (yield* remove_inode_single_folio(mapping, folio, index, end === undefined)) freed++
    yield* mutex_unlock(mutex, 'mutex_unlock(hugetlb_fault_mutex)')
    yield* folio_put(folio)
  }
  if (end === undefined) yield* hugetlb_unreserve_pages(mapping, start, Infinity, freed)
}
