import type { Steps } from '../../../engine/model/step.js'
import type { Folio } from '../../include/page.js'
import { folio_putback_hugetlb } from '../hugetlb/folio_isolate_hugetlb.js'
import { folio_putback_lru } from '../swap/isolate_lru.js'

/** mm/migrate.c:putback_movable_pages: what could not be migrated goes back to where it was. */
export function* putback_movable_pages(folios: readonly Folio[]): Steps {
  for (const folio of folios) yield* folio.hugetlb ? folio_putback_hugetlb(folio) : folio_putback_lru(folio)
}
