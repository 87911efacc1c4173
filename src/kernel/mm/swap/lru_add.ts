import { clearBits, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { bug } from '../../bug.js'
import { folio_test_large } from '../../include/compound.js'
import { PG_active, PG_lru, PG_mlocked, PG_unevictable } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_batch_add, folio_batch_move_lru } from './folio_batch.js'
import { lru_gen_add_folio, lru_gen_enabled, lru_gen_in_fault } from './lru_gen.js'

/** mm/swap.c:lru_add_fn. */
export function* lru_add_fn(folio: Folio): Steps {
  const flags = yield* load(folio.flags, { label: 'folio_evictable(folio)' })
  if (flags & PG_lru) yield* bug('a folio is put on the LRU that is there already')
  if (flags & PG_mlocked) {
    yield* clearBits(folio.flags, PG_active, { label: 'folio_clear_active()' })
    yield* setBits(folio.flags, PG_unevictable, { label: 'folio_set_unevictable()' })
    yield* store(folio.lru, 0, { label: 'mlock_count = 0' })
  } else if (flags & PG_unevictable) yield* clearBits(folio.flags, PG_unevictable, { label: 'folio_clear_unevictable()' })
  if (lru_gen_enabled() && !(flags & PG_mlocked)) yield* lru_gen_add_folio(folio, flags)
  yield* setBits(folio.flags, PG_lru, { label: 'folio_set_lru(folio)' })
}

/** mm/swap.c:folio_add_lru. Until the batch is drained the folio is not on the LRU and has one more reference. */
export function* folio_add_lru(folio: Folio): Steps {
  if (lru_gen_enabled()) yield* lru_gen_in_fault(folio)
  yield* folio_get(folio)
  const batch = kernel().perCpu[(yield* this_cpu()).index]!.lru_add
  const room = yield* folio_batch_add(batch, folio)
  if (room === 0 || (yield* folio_test_large(folio))) yield* folio_batch_move_lru(batch, lru_add_fn)
}
