import { atomic, clearBits, fetchAdd, load, type Steps, store } from '../../../engine/model/step.js'
import { folio_test_large } from '../../include/compound.js'
import { PG_active, PG_dirty, PG_lru, PG_swapbacked, PG_swapcache, PG_unevictable, PG_writeback } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON, PAGE_MAPPING_FLAGS } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { FS_RECLAIM, lock_map_acquire, lock_map_release } from '../../locking/lock-map.js'
import { folio_maybe_dma_pinned } from '../gup/folio_maybe_dma_pinned.js'
import { memalloc_restore, memalloc_save, PF_MEMALLOC } from '../might_alloc.js'
import { free_pages } from '../page_alloc.js'
import { folio_mapped } from '../rmap/mapcount.js'
import { try_to_unmap_flush } from '../rmap/tlb_ubc.js'
import { TTU_BATCH_FLUSH, try_to_unmap } from '../rmap/try_to_unmap.js'
import { folio_isolate_lru, folio_putback_lru } from '../swap/isolate_lru.js'
import { __delete_from_swap_cache, add_to_swap, slot_of } from '../swap_state/swap_cache.js'
import { swapcache_clear } from '../swapfile/swap_map.js'
import { pageout } from './pageout.js'

/** include/linux/page_ref.h:folio_ref_freeze: takes all references at once, if they are as many as expected. */
const folio_ref_freeze = (folio: Folio, count: number) =>
  atomic(`folio_ref_freeze(folio, ${count})`, (m) => {
    if (m.get(folio._refcount) !== count) return false
    m.set(folio._refcount, 0)
    return true
  })

function* remove_from_cache(folio: Folio, mapping: number): Steps {
  if (mapping & PAGE_MAPPING_ANON) {
    const slot = yield* slot_of(folio)
    yield* __delete_from_swap_cache(folio, slot)
    yield* swapcache_clear(slot)
    return
  }
  const file = kernel().files.deref(mapping >>> 2)
  const index = yield* load(folio.index, { label: 'folio->index' })
  yield* store(file.i_pages[index]!, 0, { label: 'xas_store(NULL)' })
  yield* store(folio.mapping, 0, { label: 'folio->mapping = NULL' })
  yield* fetchAdd(file.nrpages, -1, { label: 'mapping->nrpages--' })
}

/** mm/vmscan.c:__remove_mapping of a clean page: out of the page cache or the swap cache. */
function* __remove_mapping(folio: Folio, mapping: number): Steps<boolean> {
  if (!(yield* folio_ref_freeze(folio, 2))) return false
  if ((yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })) & PG_dirty) {
    yield* store(folio._refcount, 2, { label: 'folio_ref_unfreeze(folio, 2)' })
    return false
  }
  yield* remove_from_cache(folio, mapping)
  return true
}

/** Anonymous memory gets a slot of the swap area first. False: it has to stay. Huge pages and those of KSM do. */
function* prepare_swap(folio: Folio): Steps<boolean> {
  const flags = yield* load(folio.flags, { label: 'folio_test_swapbacked(folio)' })
  const kind = (yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_FLAGS
  if (kind === 0 || (flags & (PG_swapbacked | PG_swapcache)) !== PG_swapbacked) return true
  if (kind !== PAGE_MAPPING_ANON || (yield* folio_maybe_dma_pinned(folio)) || (yield* folio_test_large(folio))) return false
  return yield* add_to_swap(folio)
}

/** The disk gets what is in a folio of the swap cache; pages of files are left to their flusher. False: it has to stay, 'unlocked' perhaps. */
function* clean(folio: Folio, mapping: number): Steps<boolean | 'unlocked'> {
  if (!((yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })) & PG_dirty)) return true
  if (!(mapping & PAGE_MAPPING_ANON) || !((yield* load(folio.flags, { label: 'folio_test_swapcache(folio)' })) & PG_swapcache)) return false
  yield* try_to_unmap_flush()
  const done = yield* pageout(folio)
  if (done !== 'written') return done === 'clean'
  if (!(yield* folio_trylock(folio))) return 'unlocked'
  return !((yield* load(folio.flags, { label: 'folio_test_dirty(folio)' })) & (PG_dirty | PG_writeback))
}

/** Unmaps the locked folio and takes the last references. False if it has to stay, 'unlocked' if it is not locked any more. */
function* detach(folio: Folio): Steps<boolean | 'unlocked'> {
  if (!(yield* prepare_swap(folio))) return false
  if (yield* folio_mapped(folio)) {
    yield* try_to_unmap(folio, TTU_BATCH_FLUSH)
    if (yield* folio_mapped(folio)) return false
  }
  if (yield* folio_maybe_dma_pinned(folio)) return false
  const mapping = yield* load(folio.mapping, { label: 'folio_mapping(folio)' })
  const cleaned = yield* clean(folio, mapping)
  if (cleaned !== true) return cleaned
  const lazyfree = mapping & PAGE_MAPPING_ANON && !((yield* load(folio.flags, { label: 'folio_test_swapbacked(folio)' })) & PG_swapbacked)
  return lazyfree ? yield* folio_ref_freeze(folio, 1) : mapping !== 0 && (yield* __remove_mapping(folio, mapping))
}

/** mm/vmscan.c:shrink_folio_list of one folio that folio_isolate_lru() took. Whether the page is free now. */
function* shrink_folio(folio: Folio): Steps<boolean> {
  const locked = yield* folio_trylock(folio)
  const free = locked ? yield* detach(folio) : 'unlocked'
  if (free !== 'unlocked') yield* folio_unlock(folio)
  yield* try_to_unmap_flush()
  if (free !== true) return false
  yield* clearBits(folio.flags, PG_lru | PG_active | PG_unevictable, { label: 'free_unref_page_list()' })
  yield* free_pages(folio)
  return true
}

/** mm/vmscan.c:reclaim_pages, of folios that are isolated: whether they were used of late is not asked. */
export function* reclaim_pages(folios: readonly Folio[]): Steps {
  for (const folio of folios) if (!(yield* shrink_folio(folio))) yield* folio_putback_lru(folio)
}

/** mm/vmscan.c:shrink_inactive_list of one folio at the end of an LRU list: isolates it, and frees it if it can. */
function* shrink_one(folio: Folio): Steps<boolean> {
  if (!(yield* folio_isolate_lru(folio))) return false
  const free = yield* shrink_folio(folio)
  if (!free) yield* folio_putback_lru(folio)
  return free
}

/** mm/vmscan.c:shrink_lruvec. The folios at the end of the LRU lists, for those who have to reclaim themselves. */
export function* shrink_lruvec(folios: readonly Folio[]): Steps {
  for (const folio of folios) yield* shrink_one(folio)
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
