import { atomic, clearBits, fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import { PG_active, PG_dirty, PG_lru, PG_swapbacked, PG_unevictable } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { FS_RECLAIM, lock_map_acquire, lock_map_release } from '../../locking/lock-map.js'
import { memalloc_restore, memalloc_save, PF_MEMALLOC } from '../might_alloc.js'
import { free_pages } from '../page_alloc.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { try_to_unmap_flush } from '../rmap/tlb_ubc.js'
import { TTU_BATCH_FLUSH, try_to_unmap } from '../rmap/try_to_unmap.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'

/** include/linux/page_ref.h:folio_ref_freeze: takes all references at once, if they are as many as expected. */
const folio_ref_freeze = (folio: Folio, count: number) =>
  atomic(`folio_ref_freeze(folio, ${count})`, (m) => {
    if (m.get(folio._refcount) !== count) return false
    m.set(folio._refcount, 0)
    return true
  })

/** mm/vmscan.c:__remove_mapping of a clean page: out of the page cache. */
function* __remove_mapping(folio: Folio, mapping: number): Steps<boolean> {
  if (!(yield* folio_ref_freeze(folio, 2))) return false
  if ((yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })) & PG_dirty) {
    yield* store(folio._refcount, 2, { label: 'folio_ref_unfreeze(folio, 2)' })
    return false
  }
  const file = kernel().files.deref(mapping >>> 2)
  const index = yield* load(folio.index, { label: 'folio->index' })
  yield* store(file.i_pages[index]!, 0, { label: 'xas_store(NULL)' })
  yield* store(folio.mapping, 0, { label: 'folio->mapping = NULL' })
  yield* fetchAdd(file.nrpages, -1, { label: 'mapping->nrpages--' })
  return true
}

/** Unmaps the locked folio and takes the last references. False if it has to stay. A dirty page is not written here. */
function* detach(folio: Folio): Steps<boolean> {
  if (yield* folio_mapped(folio)) {
    yield* try_to_unmap(folio, TTU_BATCH_FLUSH)
    if (yield* folio_mapped(folio)) return false
  }
  const flags = yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })
  if (flags & PG_dirty) return false
  const mapping = yield* load(folio.mapping, { label: 'folio_mapping(folio)' })
  if (!(mapping & PAGE_MAPPING_ANON)) return yield* __remove_mapping(folio, mapping)
  return !(flags & PG_swapbacked) && (yield* folio_ref_freeze(folio, 1))
}

/** mm/vmscan.c:shrink_folio_list of one folio that folio_isolate_lru() took. Whether the page is free now. */
function* shrink_folio(folio: Folio): Steps<boolean> {
  const locked = yield* folio_trylock(folio)
  const free = locked && (yield* detach(folio))
  if (locked) yield* folio_unlock(folio)
  yield* try_to_unmap_flush()
  if (!free) return false
  yield* clearBits(folio.flags, PG_lru | PG_active | PG_unevictable, { label: 'free_unref_page_list()' })
  yield* free_pages(folio)
  return true
}

/** mm/vmscan.c:shrink_inactive_list of one folio at the end of an LRU list: isolates it, and frees it if it can. */
export function* shrink_one(folio: Folio): Steps<boolean> {
  if (!(yield* folio_isolate_lru(folio))) return false
  const free = yield* shrink_folio(folio)
  if (!free) yield* folio_putback_lru(folio)
  return free
}

/** mm/vmscan.c:balance_pgdat, of one folio: what kswapd does. */
export function* reclaim_folio(folio: Folio): Steps<boolean> {
  yield* lock_map_acquire(FS_RECLAIM)
  yield* memalloc_save(PF_MEMALLOC)
  const free = yield* shrink_one(folio)
  yield* memalloc_restore(PF_MEMALLOC)
  yield* lock_map_release(FS_RECLAIM)
  return free
}
