import { clearBits, load, setBits, type Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { folio_test_large } from '../../include/compound.js'
import { PG_active, PG_lru, PG_referenced, PG_swapbacked, PG_swapcache, PG_unevictable } from '../../include/page_flags.js'
import { type Folio, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_get } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import type { PerCpu } from '../../percpu.js'
import { folio_batch_add, folio_batch_move_lru } from './folio_batch.js'
import { lru_gen_clear_refs, lru_gen_enabled } from './lru_gen.js'

type LruBatch = 'activate' | 'lru_deactivate' | 'lru_lazyfree'

const flagsOf = (folio: Folio) => load(folio.flags, { label: 'folio->flags' })

/** mm/swap.c:folio_activate_fn */
export function* folio_activate_fn(folio: Folio): Steps {
  if (!((yield* flagsOf(folio)) & (PG_active | PG_unevictable))) yield* setBits(folio.flags, PG_active, { label: 'folio_set_active()' })
}

/** mm/swap.c:lru_deactivate_fn */
export function* lru_deactivate_fn(folio: Folio): Steps {
  const flags = yield* flagsOf(folio)
  if (!(flags & PG_unevictable) && (flags & PG_active || lru_gen_enabled())) {
    yield* clearBits(folio.flags, PG_active | PG_referenced, { label: 'folio_clear_active()' })
  }
}

/** Swap-backed anonymous memory that is not in the swap cache, unless it may be, and not mlocked. */
function* can_lazyfree(folio: Folio, in_swap_cache: boolean): Steps<boolean> {
  const flags = yield* flagsOf(folio)
  if ((flags & (PG_swapbacked | PG_unevictable)) !== PG_swapbacked) return false
  if (flags & PG_swapcache && !in_swap_cache) return false
  return ((yield* load(folio.mapping, { label: 'folio_test_anon(folio)' })) & PAGE_MAPPING_ANON) !== 0
}

/** mm/swap.c:lru_lazyfree_fn. Without SwapBacked the page may be discarded while it stays clean. */
export function* lru_lazyfree_fn(folio: Folio): Steps {
  if (!(yield* can_lazyfree(folio, !has('24c92eb7dce0') || has('mutant-lazyfree-drain-blind')))) return
  // lru_gen_clear_refs() finds the folio off its list already, and leaves it as it is.
  const cleared = has('lru-gen-refs') ? PG_active | PG_swapbacked : PG_active | PG_referenced | PG_swapbacked
  yield* clearBits(folio.flags, cleared, { label: 'folio_clear_swapbacked()' })
}

/** mm/swap.c:folio_batch_move_lru of one folio: only what is on the LRU can be moved. */
function* lru_move_fn(folio: Folio, tag: number): Steps {
  const old = yield* clearBits(folio.flags, PG_lru, { label: 'folio_test_clear_lru()' })
  if (old & PG_lru) {
    if (tag === 0) yield* folio_activate_fn(folio)
    else if (tag === 1) yield* lru_deactivate_fn(folio)
    else yield* lru_lazyfree_fn(folio)
    yield* setBits(folio.flags, PG_lru, { label: 'folio_set_lru(folio)' })
  }
}

const TAGS: Readonly<Record<LruBatch, number>> = { activate: 0, lru_deactivate: 1, lru_lazyfree: 2 }

function* add(folio: Folio, name: LruBatch): Steps {
  yield* folio_get(folio)
  const batch = kernel().perCpu[(yield* this_cpu()).index]![name]
  const room = yield* folio_batch_add(batch, folio, TAGS[name])
  if (room === 0 || (yield* folio_test_large(folio))) yield* folio_batch_move_lru(batch, lru_move_fn)
}

/** mm/swap.c:folio_activate */
export function* folio_activate(folio: Folio): Steps {
  if (((yield* flagsOf(folio)) & (PG_lru | PG_active | PG_unevictable)) === PG_lru) yield* add(folio, 'activate')
}

/** mm/swap.c:deactivate_page */
export function* deactivate_page(folio: Folio): Steps {
  const flags = yield* flagsOf(folio)
  if (!(flags & PG_lru) || flags & PG_unevictable) return
  if (lru_gen_enabled() ? has('lru-gen-refs') && (yield* lru_gen_clear_refs(folio)) : !(flags & PG_active)) return
  yield* add(folio, 'lru_deactivate')
}

/** mm/swap.c:mark_page_lazyfree */
export function* mark_page_lazyfree(folio: Folio): Steps {
  if ((yield* flagsOf(folio)) & PG_lru && (yield* can_lazyfree(folio, !has('24c92eb7dce0')))) yield* add(folio, 'lru_lazyfree')
}

/** The part of mm/swap.c:lru_add_drain_cpu for these batches, in its order. */
export function* drain_lru_moves(batches: PerCpu): Steps {
  yield* folio_batch_move_lru(batches.lru_deactivate, lru_move_fn)
  yield* folio_batch_move_lru(batches.lru_lazyfree, lru_move_fn)
  yield* folio_batch_move_lru(batches.activate, lru_move_fn)
}
