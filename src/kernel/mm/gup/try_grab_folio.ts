import { fetchAdd, load, type Steps } from '../../../engine/model/step.js'
import { smp_mb__after_atomic, smp_rmb } from '../../../machine/barrier.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import { FOLL_GET, FOLL_LONGTERM, FOLL_PCI_P2PDMA, FOLL_PIN, FOLL_WRITE } from '../../include/gup_flags.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import { type Folio, GUP_PIN_COUNTING_BIAS, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { folio_ref_add, folio_ref_overflown, folio_ref_try_add_rcu } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { folio_put_refs } from '../swap/folio_put.js'

/** mm/gup.c:try_get_folio. A page that is split meanwhile is tried again. */
export function* try_get_folio(page: Page, refs: number): Steps<Folio | undefined> {
  for (;;) {
    const folio = yield* compound_head(page)
    if (has('8fde12ca79af') && (yield* folio_ref_overflown(folio))) return undefined
    if (!(yield* folio_ref_try_add_rcu(folio, refs))) return undefined
    if ((yield* compound_head(page)) === folio) return folio
    yield* folio_put_refs(folio, refs)
  }
}

/**
 * mm/gup.c:try_grab_folio. An order-0 pin takes two steps: until the second, it is one plain reference.
 * Returns undefined when there is nothing to hold on to.
 */
export function* try_grab_folio(page: Page, refs: number, flags: number): Steps<Folio | undefined> {
  if (!has('mutant-gate-slow-only') && !gup_permits(page, flags)) return undefined
  if (flags & FOLL_GET) return yield* try_get_folio(page, refs)
  if (page === kernel().memory.zeroPage) return page
  if (flags & FOLL_LONGTERM && !is_longterm_pinnable_page(page)) return undefined
  const folio = yield* try_get_folio(page, refs)
  if (!folio) return undefined
  if (yield* folio_test_large(folio)) {
    yield* fetchAdd(folio.compound_pincount, refs, { label: 'atomic_add(pincount)' })
  } else yield* folio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1))
  yield* smp_mb__after_atomic()
  return folio
}

/** Since 6.2: memory of a PCI device is only for those who ask for it. */
export const gup_permits = (page: Page, flags: number): boolean =>
  !has('4003f107fa2e') || (flags & FOLL_PCI_P2PDMA) !== 0 || !kernel().memory.isPciP2pdma(page)

/** include/linux/mm.h:is_longterm_pinnable_page: not in ZONE_MOVABLE, CMA or device-coherent memory. */
export const is_longterm_pinnable_page = (page: Page): boolean => {
  const { memory } = kernel()
  return !memory.movable.has(page.nid) && !memory.cma.has(page) && !memory.isDeviceCoherent(page)
}

/** mm/gup.c:gup_put_folio */
export function* gup_put_folio(folio: Folio, refs: number, flags: number): Steps {
  if (!(flags & FOLL_PIN)) return yield* folio_put_refs(folio, refs)
  if (folio === kernel().memory.zeroPage) return
  if (yield* folio_test_large(folio)) {
    yield* fetchAdd(folio.compound_pincount, -refs, { label: 'atomic_sub(pincount)' })
    yield* folio_put_refs(folio, refs)
  } else yield* folio_put_refs(folio, refs * GUP_PIN_COUNTING_BIAS)
}

/** include/linux/mm.h:gup_must_unshare. A read-only pin needs an anonymous page to be exclusive. */
export function* gup_must_unshare(flags: number, page: Page): Steps<boolean> {
  if ((flags & (FOLL_WRITE | FOLL_PIN)) !== FOLL_PIN || !has('6c287605fd56')) return false
  const folio = yield* compound_head(page)
  if (!((yield* load(folio.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON)) return false
  yield* smp_rmb()
  return !((yield* load(page.flags, { label: 'PageAnonExclusive(page)' })) & PG_anon_exclusive)
}
