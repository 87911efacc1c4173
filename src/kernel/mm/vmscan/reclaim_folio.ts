import { clearBits, load, type Steps } from '../../../engine/model/step.js'
import { PG_active } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { FS_RECLAIM, lock_map_acquire, lock_map_release } from '../../locking/lock-map.js'
import { memalloc_restore, memalloc_save, PF_MEMALLOC } from '../might_alloc.js'
import { folio_referenced } from '../rmap/folio_referenced.js'
import { folio_putback_lru } from '../swap/isolate_lru.js'
import { lru_add_drain } from '../swap/lru_add_drain.js'
import { isolate_lru_folio, move_folio_to_lru } from './isolate_lru_folios.js'
import { shrink_folio_list } from './shrink_folio_list.js'

/** mm/vmscan.c:reclaim_pages, of folios that are isolated. */
export function* reclaim_pages(folios: readonly Folio[]): Steps {
  if (folios.length === 0) return
  yield* memalloc_save(PF_MEMALLOC)
  for (const folio of folios) yield* clearBits(folio.flags, PG_active, { label: 'folio_clear_active(folio)' })
  for (const folio of yield* shrink_folio_list(folios, false)) yield* folio_putback_lru(folio)
  yield* memalloc_restore(PF_MEMALLOC)
}

/** mm/vmscan.c:shrink_active_list, of one folio. There are no executable files, whose pages stay if they were used. */
export function* shrink_active_list(folio: Folio): Steps {
  yield* lru_add_drain()
  if (!(yield* isolate_lru_folio(folio))) return
  yield* folio_referenced(folio)
  yield* clearBits(folio.flags, PG_active, { label: 'folio_clear_active(folio)' })
  yield* move_folio_to_lru(folio)
}

/** mm/vmscan.c:shrink_inactive_list, of one folio. Whether it is free. */
export function* shrink_inactive_list(folio: Folio): Steps<boolean> {
  yield* lru_add_drain()
  if (!(yield* isolate_lru_folio(folio))) return false
  const left = yield* shrink_folio_list([folio], false)
  for (const one of left) yield* move_folio_to_lru(one)
  return !left.includes(folio)
}

/** Of one folio that is at the end of its list. */
function* shrink_lru(folio: Folio): Steps<boolean> {
  if (!((yield* load(folio.flags, { label: 'folio_lru_list(folio)' })) & PG_active)) return yield* shrink_inactive_list(folio)
  yield* shrink_active_list(folio)
  return false
}

/** mm/vmscan.c:shrink_lruvec. The folios at the ends of the LRU lists, for those who have to reclaim themselves. */
export function* shrink_lruvec(folios: readonly Folio[]): Steps {
  for (const folio of folios) yield* shrink_lru(folio)
}

/**
 * mm/vmscan.c:balance_pgdat, of one folio that is at the end of its LRU list: what kswapd does when it comes there. Whether it is free then.
 * One that was used of late takes kswapd to come more than once.
 */
export function* reclaim_folio(folio: Folio): Steps<boolean> {
  yield* lock_map_acquire(FS_RECLAIM)
  yield* memalloc_save(PF_MEMALLOC)
  const free = yield* shrink_lru(folio)
  yield* memalloc_restore(PF_MEMALLOC)
  yield* lock_map_release(FS_RECLAIM)
  return free
}
