import type { Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { kernel } from '../../kernel.js'
import { mlock_page_drain_local } from '../mlock/mlock_pagevec.js'
import { drain_lru_moves } from './folio_activate.js'
import { folio_batch_for_each } from './folio_batch.js'
import { lru_add_and_put } from './lru_add.js'

/** mm/swap.c:lru_add_drain, of this CPU. */
export function* lru_add_drain(): Steps {
  yield* folio_batch_for_each(kernel().perCpu[(yield* this_cpu()).index]!.lru_add, lru_add_and_put)
  yield* drain_lru_moves()
  yield* mlock_page_drain_local()
}
