import { clearBits, fetchAdd, load, setBits, type Steps, store } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { folio_test_large } from '../../include/compound.js'
import { PG_active, PG_lru, PG_mlocked, PG_unevictable } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import type { PerCpu } from '../../percpu.js'
import { folio_batch_add, folio_batch_move_lru } from '../swap/folio_batch.js'

/* Tags of a folio in the mlock batch. */
const MUNLOCK = 0
const LRU_PAGE = 1
const NEW_PAGE = 2

const flagsOf = (folio: Folio) => load(folio.flags, { label: 'folio->flags' })

/** mm/mlock.c:__mlock_page. Nothing to do while the folio is off the LRU. */
export function* __mlock_page(folio: Folio): Steps {
  if (!((yield* clearBits(folio.flags, PG_lru, { label: 'TestClearPageLRU(page)' })) & PG_lru)) return
  const flags = yield* flagsOf(folio)
  if (!(flags & PG_mlocked)) yield* clearBits(folio.flags, PG_unevictable, { label: 'ClearPageUnevictable(page)' })
  else if (flags & PG_unevictable) yield* fetchAdd(folio.lru, 1, { label: 'page->mlock_count++' })
  else {
    yield* clearBits(folio.flags, PG_active, { label: 'ClearPageActive(page)' })
    yield* setBits(folio.flags, PG_unevictable, { label: 'SetPageUnevictable(page)' })
    yield* store(folio.lru, 1, { label: 'page->mlock_count = 1' })
  }
  yield* setBits(folio.flags, PG_lru, { label: 'SetPageLRU(page)' })
}

/** mm/mlock.c:__mlock_new_page */
export function* __mlock_new_page(folio: Folio): Steps {
  if ((yield* flagsOf(folio)) & PG_mlocked) {
    yield* setBits(folio.flags, PG_unevictable, { label: 'SetPageUnevictable(page)' })
    yield* store(folio.lru, 1, { label: 'page->mlock_count = 1' })
  }
  yield* setBits(folio.flags, PG_lru, { label: 'SetPageLRU(page)' })
}

/** mm/mlock.c:__munlock_page. mlock_count may undercount, so that a page can lose Mlocked early. */
export function* __munlock_page(folio: Folio): Steps {
  const isolated = ((yield* clearBits(folio.flags, PG_lru, { label: 'TestClearPageLRU(page)' })) & PG_lru) !== 0
  const stays = isolated && (yield* still_mlocked(folio))
  if (!stays) {
    yield* clearBits(folio.flags, PG_mlocked, { label: 'TestClearPageMlocked(page)' })
    if (isolated) yield* clearBits(folio.flags, PG_unevictable, { label: 'ClearPageUnevictable(page)' })
  }
  if (isolated) yield* setBits(folio.flags, PG_lru, { label: 'SetPageLRU(page)' })
}

function* still_mlocked(folio: Folio): Steps<boolean> {
  if (!((yield* flagsOf(folio)) & PG_unevictable)) return false
  const count = yield* load(folio.lru, { label: 'page->mlock_count' })
  if (count) yield* store(folio.lru, count - 1, { label: 'page->mlock_count--' })
  return count > 1
}

/** One round of the loop of mm/mlock.c:mlock_pagevec. */
function* mlock_pagevec_fn(folio: Folio, tag: number): Steps {
  if (tag === LRU_PAGE) yield* __mlock_page(folio)
  else if (tag === NEW_PAGE) yield* __mlock_new_page(folio)
  else yield* __munlock_page(folio)
}

function* add(folio: Folio, tag: number): Steps {
  yield* folio_get(folio)
  const batch = kernel().perCpu[(yield* this_cpu()).index]!.mlock
  const room = yield* folio_batch_add(batch, folio, tag)
  if (room === 0 || (yield* folio_test_large(folio))) yield* folio_batch_move_lru(batch, mlock_pagevec_fn)
}

/** mm/mlock.c:mlock_folio */
export function* mlock_folio(folio: Folio): Steps {
  yield* setBits(folio.flags, PG_mlocked, { label: 'folio_test_set_mlocked()' })
  yield* add(folio, LRU_PAGE)
}

/** mm/mlock.c:mlock_new_page: instead of folio_add_lru() for a page that nobody else has seen. */
export function* mlock_new_page(folio: Folio): Steps {
  yield* setBits(folio.flags, PG_mlocked, { label: 'SetPageMlocked(page)' })
  yield* add(folio, NEW_PAGE)
}

/** mm/mlock.c:munlock_page */
export const munlock_folio = (folio: Folio): Steps => add(folio, MUNLOCK)

/** mm/mlock.c:mlock_page_drain_local of the CPU whose batches these are. */
export const mlock_page_drain = (batches: PerCpu): Steps => folio_batch_move_lru(batches.mlock, mlock_pagevec_fn)

/** mm/mlock.c:mlock_page_drain_local */
export function* mlock_page_drain_local(): Steps {
  yield* mlock_page_drain(kernel().perCpu[(yield* this_cpu()).index]!)
}
