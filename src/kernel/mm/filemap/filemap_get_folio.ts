import { load, type Steps } from '../../../engine/model/step.js'
import { compound_head } from '../../include/compound.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { folio_lock } from '../../locking/folio_lock.js'
import { try_get_folio } from '../gup/try_grab_folio.js'

/** The page at an index of the page cache, as of now; nothing keeps it there. */
export function* xas_load(mapping: AddressSpace, index: number): Steps<Page | undefined> {
  const entry = yield* load(mapping.i_pages[index]!, { label: 'xa_load(i_pages, index)' })
  return entry ? kernel().page(entry - 1) : undefined
}

/** mm/filemap.c:__filemap_get_folio with FGP_LOCK: the page locked and with a reference, or undefined for a hole. */
export function* filemap_lock_page(mapping: AddressSpace, index: number): Steps<Page | undefined> {
  const page = yield* xas_load(mapping, index)
  if (!page) return undefined
  if (!(yield* try_get_folio(page, 1))) return undefined
  yield* folio_lock(yield* compound_head(page))
  return page
}
