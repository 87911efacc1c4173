import { atomic, Blocked, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { Folio } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import type { FolioBatch } from '../../percpu.js'
import { folio_put } from './folio_put.js'

/** What is to be done with a folio of a batch; `tag` is that of folio_batch_add(). */
export type MoveFn = (folio: Folio, tag: number) => Steps

/**
 * include/linux/pagevec.h:folio_batch_add, with the local_lock. The batch belongs to one CPU, unless lru_add_drain_all() has work done
 * there. `tag` (0-3) goes along in the low bits, as in mm/mlock.c. Returns the room that is left: none, if nothing may wait in a batch.
 */
export const folio_batch_add = (batch: FolioBatch, folio: Folio, tag = 0): Step =>
  atomic('folio_batch_add(folio)', (m) => {
    if (m.get(batch.lock)) return new Blocked('local_lock')
    const nr = m.get(batch.nr)
    m.set(batch.pages[nr]!, folio.pfn * 4 + tag)
    m.set(batch.nr, nr + 1)
    return m.get(kernel().lru_disable_count) ? 0 : batch.pages.length - nr - 1
  })

/** Takes everything out of the batch. If there was anything, the local_lock is held. */
const take = (batch: FolioBatch): Step<readonly number[]> =>
  atomic('folio_batch_count()', (m) => {
    if (m.get(batch.lock)) return new Blocked('local_lock')
    const entries = batch.pages.slice(0, m.get(batch.nr)).map((cell) => m.get(cell))
    if (entries.length > 0) m.set(batch.lock, 1)
    m.set(batch.nr, 0)
    return entries
  })

/** mm/swap.c:folio_batch_move_lru, and mm/mlock.c:mlock_pagevec: all folios are moved, then all lose the reference of the batch. */
export function* folio_batch_move_lru(batch: FolioBatch, move_fn: MoveFn): Steps {
  const entries = yield* take(batch)
  if (entries.length === 0) return
  for (const entry of entries) yield* move_fn(kernel().page(entry >>> 2), entry & 3)
  for (const entry of entries) yield* folio_put(kernel().page(entry >>> 2))
  yield* store(batch.lock, 0, { label: 'folio_batch_init()' })
}
