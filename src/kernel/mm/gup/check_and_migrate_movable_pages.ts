import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head, folio_test_large } from '../../include/compound.js'
import { EBUSY, ENOMEM } from '../../include/errno.js'
import { FOLL_PIN } from '../../include/gup_flags.js'
import { PG_lru } from '../../include/page_flags.js'
import type { Folio, Page } from '../../include/page.js'
import { folio_get, folio_ref_count } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { folio_expected_ref_count } from '../folio_expected_ref_count.js'
import { folio_isolate_hugetlb } from '../hugetlb/folio_isolate_hugetlb.js'
import { migrate_pages } from '../migrate/migrate_pages.js'
import { putback_movable_pages } from '../migrate/putback_movable_pages.js'
import { migrate_device_coherent_page } from '../migrate_device/migrate_device_coherent_page.js'
import { folio_isolate_lru } from '../swap/isolate_lru.js'
import { lru_add_drain, lru_add_drain_all } from '../swap/lru_add_drain.js'
import { gup_put_folio, is_longterm_pinnable_page } from './try_grab_folio.js'
import { unpin_user_page } from './unpin_user_page.js'

/** Somebody else has a reference, perhaps a batch. As a pin of a small folio counts as 1024 and not as 1, it always looks like that. */
function* may_be_in_batch(folio: Folio): Steps<boolean> {
  if (yield* folio_test_large(folio)) return false
  const refs = yield* folio_ref_count(folio)
  return refs !== (yield* folio_expected_ref_count(folio)) + 1
}

/** Empties batches, each kind once: those of this CPU, if that does not help those of all. What has been tried then. */
function* drain_for(folio: Folio, drained: 0 | 1 | 2): Steps<0 | 1 | 2> {
  if (!has('98c6d259319e')) {
    if (drained || (yield* load(folio.flags, { label: 'folio_test_lru(folio)' })) & PG_lru) return drained
    yield* lru_add_drain_all()
    return 1
  }
  let done = drained
  if (done === 0 && (yield* may_be_in_batch(folio))) {
    yield* lru_add_drain()
    done = 1
  }
  if (done === 1 && !has('mutant-drain-own-batches') && (yield* may_be_in_batch(folio))) {
    yield* lru_add_drain_all()
    done = 2
  }
  return done
}

/** mm/gup.c:collect_longterm_unpinnable_pages. Those of RAM, isolated. */
export function* collect_longterm_unpinnable_pages(pages: readonly Page[]): Steps<readonly Folio[]> {
  const isolated: Folio[] = []
  let previous: Folio | undefined
  let drained: 0 | 1 | 2 = 0
  for (const page of pages) {
    const folio = yield* compound_head(page)
    if (folio === previous || is_longterm_pinnable_page(folio) || kernel().memory.isDevice(folio)) continue
    previous = folio
    if (folio.hugetlb) {
      if (yield* folio_isolate_hugetlb(folio)) isolated.push(folio)
      continue
    }
    drained = yield* drain_for(folio, drained)
    if (yield* folio_isolate_lru(folio)) isolated.push(folio)
  }
  return isolated
}

/** The pin on a device's page would keep it from moving: it becomes a reference, which the migration consumes. */
function* migrate_coherent(page: Page, gup_flags: number): Steps<number | Page> {
  if (!has('b05a79d4377f')) return -EBUSY
  if (has('mutant-unpin-before-get')) yield* gup_put_folio(page, 1, FOLL_PIN)
  yield* folio_get(page)
  if (!has('mutant-unpin-before-get') && !has('mutant-own-pin-kept')) yield* gup_put_folio(page, 1, FOLL_PIN)
  return yield* migrate_device_coherent_page(page, gup_flags)
}

function* unpin_all(pages: readonly Page[]): Steps {
  for (const page of pages) yield* unpin_user_page(page)
}

/** mm/gup.c:migrate_longterm_unpinnable_pages. All pins are given back, unless v8-pin-destination is applied. */
export function* migrate_longterm_unpinnable_pages(
  pages: readonly Page[], isolated: readonly Folio[], gup_flags: number,
): Steps<number | 'again' | readonly Page[]> {
  const kept: Page[] = []
  for (const [i, page] of pages.entries()) {
    if (!kernel().memory.isDeviceCoherent(page)) {
      yield* unpin_user_page(page)
      continue
    }
    const moved = yield* migrate_coherent(page, gup_flags)
    if (typeof moved !== 'number') kept.push(moved)
    else if (moved) {
      if (!has('b05a79d4377f') || has('mutant-own-pin-kept') || has('mutant-longterm-unpins-moved')) yield* unpin_user_page(page)
      yield* unpin_all([...kept, ...pages.slice(i + 1)])
      yield* putback_movable_pages(isolated)
      return -EBUSY
    }
  }
  if (kept.length === pages.length) return kept
  const left = yield* migrate_pages(isolated, { async: false, nosplit: false, unmovable: true })
  yield* putback_movable_pages(left)
  yield* unpin_all(kept)
  return left.length > 0 ? -ENOMEM : 'again'
}

/**
 * mm/gup.c:check_and_migrate_movable_pages, of pages with FOLL_PIN pins. 0 if all may stay where they are. Otherwise they
 * are moved and the pins are gone: the caller walks again; or an error number. A list of pages: those are pinned instead.
 */
export function* check_and_migrate_movable_pages(
  pages: readonly Page[], gup_flags: number,
): Steps<number | 'again' | readonly Page[]> {
  if (pages.every(is_longterm_pinnable_page)) return 0
  const isolated = yield* collect_longterm_unpinnable_pages(pages)
  return yield* migrate_longterm_unpinnable_pages(pages, isolated, gup_flags)
}
