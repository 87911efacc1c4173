import { load, type Steps } from '../../../engine/model/step.js'
import { folio_test_large } from '../../include/compound.js'
import type { Mm } from '../../include/mm.js'
import { type Folio, GUP_PIN_COUNTING_BIAS } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'

/** include/linux/mm.h:folio_maybe_dma_pinned. Many plain references to an order-0 page look like a pin. */
export function* folio_maybe_dma_pinned(folio: Folio): Steps<boolean> {
  if (yield* folio_test_large(folio)) return (yield* load(folio.compound_pincount, { label: 'folio_pincount(folio)' })) > 0
  return (yield* folio_ref_count(folio)) >= GUP_PIN_COUNTING_BIAS
}

/** include/linux/mm.h:folio_needs_cow_for_dma: nobody of this mm has ever pinned anything, or look at the folio. */
export function* folio_needs_cow_for_dma(mm: Mm, folio: Folio): Steps<boolean> {
  if (!(yield* load(mm.has_pinned, { label: 'test_bit(MMF_HAS_PINNED)' }))) return false
  return yield* folio_maybe_dma_pinned(folio)
}
