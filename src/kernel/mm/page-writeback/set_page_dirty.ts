import { atomic, load, setBits, type Step, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import { compound_head } from '../../include/compound.js'
import { PG_dirty } from '../../include/page_flags.js'
import { type Folio, type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { kernel } from '../../kernel.js'

/** mapping->a_ops->dirty_folio: the filesystem is told. */
const dirty_folio = (mapping: AddressSpace, folio: Folio): Step<void> =>
  atomic('dirty_folio(mapping, folio)', (m) => {
    m.set(folio.flags, m.get(folio.flags) | PG_dirty)
    for (const observer of kernel().observers) observer.dirties?.(m, mapping, folio)
  })

/**
 * mm/page-writeback.c:folio_mark_dirty. Between the look at the mapping and the call of the filesystem a truncate may take
 * the folio out of its file, unless the caller holds the folio lock or a page-table lock under which it is mapped.
 */
export function* set_page_dirty(page: Page): Steps {
  const folio = yield* compound_head(page)
  const mapping = yield* load(folio.mapping, { label: 'mapping = folio_mapping(folio)' })
  if (mapping && !(mapping & PAGE_MAPPING_ANON)) yield* dirty_folio(kernel().files.deref(mapping >>> 2), folio)
  else yield* setBits(folio.flags, PG_dirty, { label: 'noop_dirty_folio(folio)' })
}
