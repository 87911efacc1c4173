import { load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { EEXIST } from '../../include/errno.js'
import { PG_locked, PG_swapbacked, PG_uptodate } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { alloc_page } from '../page_alloc.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_add_lru } from '../swap/lru_add.js'
import { __swap_count, swapcache_prepare } from '../swapfile/swap_map.js'
import { add_to_swap_cache, folio_file_page, swap_cache_get_folio } from './swap_cache.js'

/** A new page for the contents of a slot; locked, once nobody else can be at it. */
export function* lock_new_folio(folio: Folio): Steps {
  yield* setBits(folio.flags, PG_locked | PG_swapbacked, { label: '__folio_set_locked(folio)' })
}

/** mm/page_io.c:swap_readpage. The device is synchronous. */
export function* swap_readpage(folio: Folio, slot: number): Steps {
  yield* store(folio.content, yield* load(kernel().swap.content[slot]!, { label: 'device: read slot' }), { label: 'swap_readpage(page)' })
  yield* setBits(folio.flags, PG_uptodate, { label: 'SetPageUptodate(page)' })
}

/** One round: the page; or none, with the slot free or memory short; or 'again', while another is at it. */
function* read_once(slot: number): Steps<{ readonly folio: Page; readonly fresh: boolean } | 'none' | 'again'> {
  const found = yield* swap_cache_get_folio(slot)
  if (found) return { folio: yield* folio_file_page(found, slot), fresh: false }
  if ((yield* __swap_count(slot)) === 0) return 'none'
  const folio = yield* alloc_page()
  if (!folio) return 'none'
  const error = yield* swapcache_prepare(slot)
  if (error) {
    yield* folio_put(folio)
    return error === -EEXIST ? 'again' : 'none'
  }
  yield* lock_new_folio(folio)
  yield* add_to_swap_cache(folio, slot)
  yield* folio_add_lru(folio)
  return { folio, fresh: true }
}

/** mm/swap_state.c:read_swap_cache_async, with a reference. A new folio is read and unlocked; there is no readahead. */
export function* read_swap_cache(slot: number): Steps<Page | undefined> {
  for (;;) {
    const read = yield* read_once(slot)
    if (read === 'again') continue
    if (read === 'none') return undefined
    if (read.fresh) {
      yield* swap_readpage(read.folio, slot)
      yield* folio_unlock(read.folio)
    }
    return read.folio
  }
}
