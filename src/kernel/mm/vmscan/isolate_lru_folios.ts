import { atomic, clearBits, load, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import { PG_lru, PG_mlocked } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_put } from '../swap/folio_put.js'
import { folio_putback_lru } from '../swap/isolate_lru.js'

/** Under lruvec->lru_lock a folio that is on a list is not free; but its last reference may be gone already. */
const get_if_on_lru = (folio: Folio): Step<boolean> =>
  atomic('folio_test_lru(folio) && folio_try_get(folio)', (m) => {
    const count = m.get(folio._refcount)
    if (!(m.get(folio.flags) & PG_lru) || count === 0) return false
    m.set(folio._refcount, count + 1)
    return true
  })

/** mm/vmscan.c:isolate_lru_folios, of one folio at the end of a list. */
export function* isolate_lru_folio(folio: Folio): Steps<boolean> {
  if (!(yield* get_if_on_lru(folio))) return false
  if ((yield* clearBits(folio.flags, PG_lru, { label: 'folio_test_clear_lru(folio)' })) & PG_lru) return true
  yield* folio_put(folio)
  return false
}

/** mm/vmscan.c:move_folios_to_lru, of one folio: at once, not by way of a batch. If nobody else has a reference it is free. */
export function* move_folio_to_lru(folio: Folio): Steps {
  if ((yield* load(folio.flags, { label: 'folio_evictable(folio)' })) & PG_mlocked) return yield* folio_putback_lru(folio)
  yield* setBits(folio.flags, PG_lru, { label: 'folio_set_lru(folio)' })
  yield* folio_put(folio)
}
