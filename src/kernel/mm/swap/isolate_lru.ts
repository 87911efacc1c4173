import { clearBits, type Steps } from '../../../engine/model/step.js'
import { PG_lru } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { folio_put } from './folio_put.js'
import { folio_add_lru } from './lru_add.js'
import { lru_gen_del_folio, lru_gen_enabled } from './lru_gen.js'

/** mm/vmscan.c:folio_isolate_lru. Takes a reference. False if it was not on the LRU. */
export function* folio_isolate_lru(folio: Folio): Steps<boolean> {
  const old = yield* clearBits(folio.flags, PG_lru, { label: 'folio_test_clear_lru(folio)' })
  if (!(old & PG_lru)) return false
  yield* folio_get(folio)
  if (lru_gen_enabled()) yield* lru_gen_del_folio(folio)
  return true
}

/** mm/vmscan.c:folio_putback_lru. Drops the reference of folio_isolate_lru(). */
export function* folio_putback_lru(folio: Folio): Steps {
  yield* folio_add_lru(folio)
  yield* folio_put(folio)
}
