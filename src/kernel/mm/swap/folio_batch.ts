import { atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { Folio } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import type { Pagevec } from '../../percpu.js'

/**
 * include/linux/pagevec.h:folio_batch_add. The batch belongs to one CPU. `tag` (0-3) goes along in the low bits, as in
 * mm/mlock.c. Returns the room that is left.
 */
export const folio_batch_add = (batch: Pagevec, folio: Folio, tag = 0): Step =>
  atomic('folio_batch_add(folio)', (m) => {
    const nr = m.get(batch.nr)
    m.set(batch.pages[nr]!, folio.pfn * 4 + tag)
    m.set(batch.nr, nr + 1)
    return batch.pages.length - nr - 1
  })

/** Takes everything out of the batch and hands each folio with its tag to `work`. */
export function* folio_batch_for_each(batch: Pagevec, work: (folio: Folio, tag: number) => Steps): Steps {
  const nr = yield* load(batch.nr, { label: 'folio_batch_count()' })
  for (let i = 0; i < nr; i++) {
    const entry = yield* load(batch.pages[i]!, { label: 'folio = batch[i]' })
    yield* work(kernel().page(entry >>> 2), entry & 3)
  }
  if (nr) yield* store(batch.nr, 0, { label: 'folio_batch_init()' })
}
