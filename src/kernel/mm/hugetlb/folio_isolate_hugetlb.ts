import { atomic, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import { HPG_migratable } from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { folio_put } from '../swap/folio_put.js'

export const SetHPageMigratable = (page: Folio): Step =>
  setBits(page.private, HPG_migratable, { label: 'SetHPageMigratable(page)' })

/** mm/hugetlb.c:folio_isolate_hugetlb, under hugetlb_lock. Takes a reference. False if it is free, or isolated already. */
export const folio_isolate_hugetlb = (folio: Folio): Step<boolean> =>
  atomic('folio_isolate_hugetlb(folio)', (m) => {
    const state = m.get(folio.private)
    if (!(state & HPG_migratable) || m.get(folio._refcount) === 0) return false
    m.set(folio._refcount, m.get(folio._refcount) + 1)
    m.set(folio.private, state & ~HPG_migratable)
    return true
  })

/** mm/hugetlb.c:folio_putback_hugetlb. Drops the reference. */
export function* folio_putback_hugetlb(folio: Folio): Steps {
  yield* SetHPageMigratable(folio)
  yield* folio_put(folio)
}
