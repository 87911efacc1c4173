import { clearBits, load, setBits, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import { PG_active, PG_lru, PG_referenced, PG_unevictable } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { this_cpu } from '../../../machine/cpu.js'
import { folio_activate } from './folio_activate.js'
import { lru_gen_enabled, lru_gen_inc_refs } from './lru_gen.js'

/** mm/swap.c:__lru_cache_activate_folio: a folio that still waits in this CPU's batch goes to the active list right away. */
export function* __lru_cache_activate_folio(folio: Folio): Steps {
  const batch = kernel().perCpu[(yield* this_cpu()).index]!.lru_add
  const nr = yield* load(batch.nr, { label: 'folio_batch_count()' })
  for (let i = nr - 1; i >= 0; i--) {
    if ((yield* load(batch.pages[i]!, { label: 'batch_folio = batch[i]' })) >>> 2 !== folio.pfn) continue
    yield* setBits(folio.flags, PG_active, { label: 'folio_set_active(folio)' })
    return
  }
}

/** mm/swap.c:folio_mark_accessed: unreferenced, then referenced, then active. */
export function* folio_mark_accessed(folio: Folio): Steps {
  const flags = yield* load(folio.flags, { label: 'folio_mark_accessed(): flags' })
  if (lru_gen_enabled()) return yield* lru_gen_inc_refs(folio, flags)
  if (!(flags & PG_referenced)) yield* setBits(folio.flags, PG_referenced, { label: 'folio_set_referenced()' })
  else if (!(flags & (PG_unevictable | PG_active))) {
    if (flags & PG_lru) yield* folio_activate(folio)
    else yield* __lru_cache_activate_folio(folio)
    yield* clearBits(folio.flags, PG_referenced, { label: 'folio_clear_referenced()' })
  }
}

export function* mark_page_accessed(page: Page): Steps {
  yield* folio_mark_accessed(yield* compound_head(page))
}
