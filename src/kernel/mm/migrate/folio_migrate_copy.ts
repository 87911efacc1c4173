import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import { folio_nr_pages, nth_page } from '../../include/compound.js'
import {
  PG_active, PG_anon_exclusive, PG_dirty, PG_private, PG_referenced, PG_swapcache, PG_unevictable, PG_uptodate, PG_workingset,
} from '../../include/page_flags.js'
import type { Folio } from '../../include/page.js'
import { copy_page } from '../copy_page.js'
import { folio_migrate_ksm } from '../ksm/folio_migrate_ksm.js'

const COPIED = PG_referenced | PG_uptodate | PG_active | PG_unevictable | PG_workingset | PG_anon_exclusive | PG_dirty

const copy_flags = (dst: Folio, src: Folio): Step<void> =>
  atomic('folio_migrate_flags(): flags', (m) => {
    const flags = m.get(src.flags)
    m.set(dst.flags, m.get(dst.flags) | (flags & COPIED))
    m.set(src.flags, flags & ~(PG_active | PG_unevictable))
  })

/** Only now: get_ksm_page() waits while references are frozen and the page is in the swap cache. */
const leave_swap_cache = (src: Folio): Step<void> =>
  atomic('folio_clear_swapcache(folio)', (m) => {
    m.set(src.flags, m.get(src.flags) & ~(PG_swapcache | PG_private))
    if (!src.hugetlb) m.set(src.private, 0)
  })

/** mm/migrate.c:folio_migrate_flags. Both folios are locked, and `src` is reachable through no page table. */
export function* folio_migrate_flags(dst: Folio, src: Folio): Steps {
  yield* copy_flags(dst, src)
  yield* folio_migrate_ksm(dst, src)
  yield* leave_swap_cache(src)
}

/** mm/util.c:folio_copy: page by page, each word by word; a writer in between is not excluded here. */
export function* folio_copy(dst: Folio, src: Folio): Steps {
  const nr = yield* folio_nr_pages(src)
  if (nr === 1) return yield* copy_page(dst, src)
  for (let i = 0; i < nr; i++) yield* copy_page(nth_page(dst, i), nth_page(src, i))
}

/** mm/migrate.c:folio_migrate_copy */
export function* folio_migrate_copy(dst: Folio, src: Folio): Steps {
  yield* folio_copy(dst, src)
  yield* folio_migrate_flags(dst, src)
}
