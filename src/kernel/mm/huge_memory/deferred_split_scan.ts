import type { Access } from '../../../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import type { Folio } from '../../include/page.js'
import { has, kernel } from '../../kernel.js'
import { folio_trylock, folio_unlock } from '../../locking/folio_lock.js'
import { folio_put } from '../swap/folio_put.js'
import type { Shrinker } from '../vmscan/shrinker.js'
import { OUT, page_deferred_list, QUEUED, TAKEN } from './deferred_split.js'
import { split_huge_page } from './split_huge_page.js'

/** Whoever has lost its last reference is about to be freed, and only leaves the queue. */
const try_get = (m: Access, folio: Folio): boolean => {
  const count = m.get(folio._refcount)
  if (count === 0 && !has('mutant-deferred-split-get')) return false
  if (count === 0) for (const observer of kernel().observers) observer.usesPage?.(m, folio)
  m.set(folio._refcount, count + 1)
  return true
}

/** The queue, with a reference to each. */
const take_queue = (cpu: number): Step<readonly Folio[]> =>
  atomic('list_for_each(split_queue): get_page_unless_zero()', (m) => {
    const { blocks } = kernel().memory
    return blocks.filter(({ deferred_list }) => m.get(deferred_list) === QUEUED).map(({ pages }) => pages[0]!).filter((folio) => {
      const got = try_get(m, folio)
      m.set(page_deferred_list(folio), got ? TAKEN + cpu : OUT)
      return got
    })
  })

/** What is still on the local list. */
const splice = (cpu: number, list: readonly Folio[]): Step<void> =>
  atomic('list_splice_tail(list, split_queue)', (m) => {
    for (const folio of list) if (m.get(page_deferred_list(folio)) === TAKEN + cpu) m.set(page_deferred_list(folio), QUEUED)
  })

/** mm/huge_memory.c:deferred_split_scan, of all nodes. How many huge pages it split. */
export function* deferred_split_scan(): Steps<number> {
  const { index } = yield* this_cpu()
  const list = yield* take_queue(index)
  let split = 0
  for (const folio of list) {
    if (yield* folio_trylock(folio)) {
      if ((yield* split_huge_page(folio)) === 0) split++
      yield* folio_unlock(folio)
    }
    yield* folio_put(folio)
  }
  yield* splice(index, list)
  return split
}

export const deferred_split_shrinker: Shrinker = { scan_objects: deferred_split_scan }
