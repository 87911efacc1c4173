import { atomic, fetchAdd, type Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { kernel } from '../../kernel.js'
import type { PerCpu } from '../../percpu.js'
import { mlock_page_drain } from '../mlock/mlock_pagevec.js'
import { drain_lru_moves } from './folio_activate.js'
import { folio_batch_move_lru } from './folio_batch.js'
import { lru_add_fn } from './lru_add.js'

/** mm/swap.c:lru_add_drain_cpu, and mlock_page_drain_local(). */
export function* lru_add_drain_cpu(batches: PerCpu): Steps {
  yield* folio_batch_move_lru(batches.lru_add, lru_add_fn)
  yield* drain_lru_moves(batches)
  yield* mlock_page_drain(batches)
}

/** mm/swap.c:lru_add_drain, of this CPU. */
export function* lru_add_drain(): Steps {
  yield* lru_add_drain_cpu(kernel().perCpu[(yield* this_cpu()).index]!)
}

/** mm/swap.c:cpu_needs_drain. A CPU that is just about to empty a batch does: its work comes after that. */
export const cpu_needs_drain = ({ lru_add, lru_deactivate, lru_lazyfree, activate, mlock }: PerCpu) =>
  atomic('cpu_needs_drain(cpu)', (m) => [lru_add, lru_deactivate, lru_lazyfree, activate, mlock].some(({ nr, lock }) => m.get(nr) + m.get(lock) > 0))

/**
 * mm/swap.c:__lru_add_drain_all. Every CPU empties its batches, in a work item that the caller waits for: here it does that itself, and
 * the CPU waits when it comes to a batch meanwhile. Callers at the same time do not wait for each other.
 */
export function* lru_add_drain_all(): Steps {
  for (const batches of kernel().perCpu) if (yield* cpu_needs_drain(batches)) yield* lru_add_drain_cpu(batches)
}

/** mm/swap.c:lru_cache_disable. What is added to a batch from now on does not stay there; what is there leaves it. */
export function* lru_cache_disable(): Steps {
  yield* fetchAdd(kernel().lru_disable_count, 1, { label: 'lru_disable_count++' })
  yield* lru_add_drain_all()
}

/** include/linux/swap.h:lru_cache_enable */
export function* lru_cache_enable(): Steps {
  yield* fetchAdd(kernel().lru_disable_count, -1, { label: 'lru_disable_count--' })
}
