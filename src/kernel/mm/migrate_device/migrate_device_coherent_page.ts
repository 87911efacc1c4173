import type { Steps } from '../../../engine/model/step.js'
import { EBUSY } from '../../include/errno.js'
import { MIGRATE_PFN_MIGRATE, migrate_pfn } from '../../include/migrate_vma.js'
import type { Page } from '../../include/page.js'
import { has } from '../../kernel.js'
import { folio_lock } from '../../locking/folio_lock.js'
import { copy_page } from '../copy_page.js'
import { try_grab_page } from '../gup/try_grab_page.js'
import { unpin_user_page } from '../gup/unpin_user_page.js'
import { folio_put } from '../swap/folio_put.js'
import { alloc_page } from '../page_alloc.js'
import { migrate_device_finalize, migrate_device_pages } from './migrate_device_pages.js'
import { migrate_device_unmap } from './migrate_device_unmap.js'

/** v8 of the patch: the new page is pinned before anything maps it, so that GUP need not walk again. */
function* pin_destination(page: Page | undefined, gup_flags: number): Steps<boolean> {
  if (!page || !has('v8-pin-destination')) return false
  yield* try_grab_page(page, gup_flags)
  return true
}

/**
 * mm/migrate_device.c:migrate_device_coherent_page. Moves a device-coherent page, to which the caller has the only
 * reference beside mappings, to RAM. 0 or -EBUSY; the page with a pin according to `gup_flags` if v8-pin-destination is
 * applied.
 */
export function* migrate_device_coherent_page(page: Page, gup_flags: number): Steps<number | Page> {
  yield* folio_lock(page)
  const src = yield* migrate_device_unmap([migrate_pfn(page.pfn) | MIGRATE_PFN_MIGRATE])
  if (!(src[0]! & MIGRATE_PFN_MIGRATE)) {
    if (has('mutant-coherent-puts-again')) yield* folio_put(page)
    return -EBUSY
  }
  const dpage = yield* alloc_page()
  const pinned = yield* pin_destination(dpage, gup_flags)
  if (dpage) yield* folio_lock(dpage)
  const dst = [dpage ? migrate_pfn(dpage.pfn) : 0]
  const moved = yield* migrate_device_pages(src, dst)
  const done = (moved[0]! & MIGRATE_PFN_MIGRATE) !== 0
  if (done && dpage) yield* copy_page(dpage, page)
  yield* migrate_device_finalize(moved, dst)
  if (pinned && dpage && !done) yield* unpin_user_page(dpage)
  if (!done) return -EBUSY
  return pinned && dpage ? dpage : 0
}
