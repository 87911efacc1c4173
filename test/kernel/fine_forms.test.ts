import { expect, it } from 'vitest'
import { load, setBits, type Steps, store } from '../../src/engine/model/step.js'
import { PG_head, PG_swapbacked, PG_swapcache } from '../../src/kernel/include/page_flags.js'
import { get_page_unless_zero } from '../../src/kernel/include/page_ref.js'
import { alloc_hugepage } from '../../src/kernel/mm/page_alloc.js'
import { deferred_split_huge_page, OUT, page_deferred_list, QUEUED } from '../../src/kernel/mm/huge_memory/deferred_split.js'
import { folio_put, put_page } from '../../src/kernel/mm/swap/folio_put.js'
import { flush_work, queue_work, worker_thread } from '../../src/kernel/workqueue/workqueue.js'
import { cellOf } from '../../src/race/cell.js'
import { finish } from '../../src/race/check.js'
import { holds, race } from '../../src/race/race.js'
import { reach } from '../../src/race/reach.js'
import type { Setup } from '../../src/race/setup.js'

const SEEN = 'only in between'

/** Whether some run reaches what there is only between two steps: without the change, and with it. */
function seen<E>(change: string, setup: (k: Setup) => E, cpus: Readonly<Record<string, (env: E) => Steps<unknown>>>): boolean[] {
  const scene = race<E, Record<string, never>>({
    name: change, title: 'seen in between', oracles: ['O2', 'O12', 'O13'], setup, cpus, sometimes: [SEEN],
    variants: { fixed: { expect: holds }, finely: { apply: [change], expect: holds } },
  })
  return ['fixed', 'finely'].map((variant) => finish(cellOf(scene, variant, 'arm64', '6.1'))).map(({ verdict, neverReached }) => {
    expect(verdict).toBe('holds')
    return neverReached.length === 0
  })
}

it('fine-queue-work: who finds a work pending may flush it and come back before it has run', () => {
  expect(seen('fine-queue-work', (k) => {
    const ran = k.cell('ran')
    return { ran, work: k.work('work', function* () { yield* store(ran, 1) }) }
  }, {
    first: function* ({ work }) { yield* queue_work(work) },
    second: function* ({ work, ran }) {
      if (yield* queue_work(work)) return
      yield* flush_work(work)
      if ((yield* load(ran)) === 0) yield* reach(SEEN)
    },
    worker: worker_thread,
  })).toEqual([false, true])
})

it('fine-deferred-split: a page may be queued after it has come to the swap cache', () => {
  expect(seen('fine-deferred-split', (k) => {
    const folio = k.call(alloc_hugepage())!
    return { folio, list: page_deferred_list(folio) }
  }, {
    zap: function* ({ folio }) { yield* deferred_split_huge_page(folio) },
    reclaim: function* ({ folio, list }) {
      yield* setBits(folio.flags, PG_swapbacked | PG_swapcache)
      const before = yield* load(list)
      if (before === OUT && (yield* load(list)) === QUEUED) yield* reach(SEEN)
    },
  })).toEqual([false, true])
})

it('fine-compound-alloc: who takes a reference by number may get a page that is about to be a huge one', () => {
  expect(seen('fine-compound-alloc', (k) => {
    const folio = k.call(alloc_hugepage())!
    k.call(folio_put(folio))
    return { folio }
  }, {
    allocates: function* () {
      const folio = yield* alloc_hugepage()
      if (folio) yield* folio_put(folio)
    },
    isolates: function* ({ folio }) {
      if (!(yield* get_page_unless_zero(folio))) return
      if (((yield* load(folio.flags)) & PG_head) === 0) yield* reach(SEEN)
      yield* put_page(folio)
    },
  })).toEqual([false, true])
})
