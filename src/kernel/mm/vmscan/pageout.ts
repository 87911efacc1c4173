import { clearBits, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { PG_dirty, PG_writeback } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_unlock } from '../../locking/folio_lock.js'
import { slot_of } from '../swap_state/swap_cache.js'
import { folio_free_swap } from '../swapfile/folio_free_swap.js'

/** mm/page_io.c:swap_writepage. Unlocks the folio. The device is synchronous. */
function* swap_writepage(folio: Folio): Steps {
  if (yield* folio_free_swap(folio)) return void (yield* folio_unlock(folio))
  const slot = yield* slot_of(folio)
  yield* setBits(folio.flags, PG_writeback, { label: 'folio_start_writeback(folio)' })
  yield* store(kernel().swap.content[slot]!, yield* load(folio.content, { label: 'device: read page' }), { label: 'swap_writepage(page)' })
  yield* clearBits(folio.flags, PG_writeback, { label: 'folio_end_writeback(folio)' })
  yield* folio_unlock(folio)
}

/** mm/vmscan.c:pageout, of a locked folio in the swap cache. 'keep': somebody holds it. 'written': and unlocked. */
export function* pageout(folio: Folio): Steps<'keep' | 'clean' | 'written'> {
  if ((yield* folio_ref_count(folio)) !== 2) return 'keep'
  const old = yield* clearBits(folio.flags, PG_dirty, { label: 'folio_clear_dirty_for_io()' })
  if (!(old & PG_dirty)) return 'clean'
  yield* swap_writepage(folio)
  return 'written'
}
