import { load, setBits, type Steps, store } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Page } from '../../include/page.js'
import { PAGECACHE_TAG_DIRTY } from './dax_entry.js'

/** fs/dax.c:dax_associate_entry. The entry counts nothing: an idle page has one reference. */
export function* dax_associate_entry(mapping: AddressSpace, index: number, pages: readonly Page[]): Steps {
  for (const [i, page] of pages.entries()) {
    yield* store(page.mapping, mapping.ref << 2, { label: 'page->mapping = mapping' })
    yield* store(page.index, index + i, { label: 'page->index = index' })
    yield* store(mapping.i_pages[index + i]!, page.pfn + 1, { label: 'xas_store(dax entry)' })
  }
}

/**
 * fs/dax.c:dax_insert_entry, into the entry at `at`, which is locked: the pages from `index` on, if it has none yet. It is
 * dirty from now on, also when the fault only reads.
 */
export function* dax_insert_entry(mapping: AddressSpace, at: number, index: number, pages: readonly Page[]): Steps {
  if (!(yield* load(mapping.i_pages[index]!, { label: 'xas_load(dax entry)' }))) yield* dax_associate_entry(mapping, index, pages)
  yield* setBits(mapping.dax_entries[at]!, PAGECACHE_TAG_DIRTY, { label: 'xas_set_mark(DIRTY)' })
}
