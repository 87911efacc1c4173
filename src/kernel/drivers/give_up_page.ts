import { store, type Steps } from '../../engine/model/step.js'
import type { AddressSpace } from '../include/address_space.js'
import type { Page } from '../include/page.js'
import { has } from '../kernel.js'
import { folio_lock, folio_unlock } from '../locking/folio_lock.js'
import { unmap_mapping_pages } from '../mm/memory/unmap_mapping_range.js'
import { put_page } from '../mm/swap/folio_put.js'
import { observe } from '../observer.js'

/**
 * A driver takes a page of its device file away from user space, to use the memory for something else: it unmaps it
 * everywhere, under the lock that faults take, and drops its own reference, so that the last one frees it.
 */
export function* give_up_page(mapping: AddressSpace, page: Page): Steps {
  if (has('driver-reissues-pages')) {
    yield* unmap_mapping_pages(mapping, 0, 1, true)
    yield* observe('page has a new owner', (o, m) => o.reissues?.(m, page))
    return
  }
  yield* folio_lock(page)
  yield* unmap_mapping_pages(mapping, 0, 1, true)
  yield* store(mapping.i_pages[0]!, 0, { label: 'driver forgets the page' })
  yield* store(page.mapping, 0, { label: 'page->mapping = NULL' })
  yield* folio_unlock(page)
  yield* put_page(page)
}
