import { atomic, Blocked, load, type Step, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Folio, Page } from '../../include/page.js'
import { folio_ref_try_add_rcu } from '../../include/page_ref.js'
import { kernel } from '../../kernel.js'
import { folio_lock, folio_unlock } from '../../locking/folio_lock.js'
import { folio_put } from '../swap/folio_put.js'

/** The page at an index of the page cache, as of now; nothing keeps it there. */
export function* xas_load(mapping: AddressSpace, index: number): Steps<Page | undefined> {
  const entry = yield* load(mapping.i_pages[index]!, { label: 'xa_load(i_pages, index)' })
  return entry ? kernel().page(entry - 1) : undefined
}

/** What trying again amounts to: waits for something else at the index, or for the reference count to be thawed. */
const xas_reset = (mapping: AddressSpace, index: number, page: Page, folio: Folio): Step<void> =>
  atomic('xas_reset(); try again', (m) =>
    (m.get(mapping.i_pages[index]!) === page.pfn + 1 && m.get(folio._refcount) === 0 ? new Blocked('frozen') : undefined))

/** mm/filemap.c:mapping_get_entry: the page with a reference to its folio, or undefined for a hole. */
export function* mapping_get_entry(mapping: AddressSpace, index: number): Steps<{ page: Page; folio: Folio } | undefined> {
  for (;;) {
    const page = yield* xas_load(mapping, index)
    if (!page) return undefined
    const folio = yield* compound_head(page)
    if (!(yield* folio_ref_try_add_rcu(folio, 1))) {
      yield* xas_reset(mapping, index, page, folio)
      continue
    }
    if ((yield* load(mapping.i_pages[index]!, { label: 'xas_reload()' })) === page.pfn + 1 && (yield* compound_head(page)) === folio) {
      return { page, folio }
    }
    yield* folio_put(folio)
  }
}

/** mm/filemap.c:__filemap_get_folio with FGP_LOCK: the page locked and with a reference, or undefined for a hole. */
export function* filemap_lock_page(mapping: AddressSpace, index: number): Steps<Page | undefined> {
  for (;;) {
    const found = yield* mapping_get_entry(mapping, index)
    if (!found) return undefined
    yield* folio_lock(found.folio)
    if ((yield* load(found.folio.mapping, { label: 'folio->mapping == mapping' })) === mapping.ref * 4) return found.page
    yield* folio_unlock(found.folio)
    yield* folio_put(found.folio)
  }
}
