import { load, type Steps } from '../../../engine/model/step.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { Page } from '../../include/page.js'
import { folio_ref_count } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { unmap_mapping_pages } from '../../mm/memory/unmap_mapping_range.js'
import { wait_entry_unlocked } from './dax_entry.js'

/** fs/dax.c:dax_busy_page of every entry: a page with more references than an idle one has. */
function* busy_page(mapping: AddressSpace): Steps<Page | undefined> {
  for (const index of mapping.i_pages.keys()) {
    const pfn = yield* wait_entry_unlocked(mapping, index)
    const page = pfn === undefined ? undefined : kernel().page(pfn)
    if (page && (yield* folio_ref_count(page)) > 1) return page
  }
  return undefined
}

/**
 * fs/dax.c:dax_layout_busy_page: a page of the file that somebody holds. Unmapped first, so that GUP finds no entry any more
 * or is seen by its reference. A file that nobody maps is not looked at.
 */
export function* dax_layout_busy_page(mapping: AddressSpace): Steps<Page | undefined> {
  const mapped = (yield* load(mapping.i_mmap, { label: 'mapping_mapped(mapping)' })) !== 0
  if (!mapped && !has('dax-looks-at-unmapped-files')) return undefined
  const early = has('mutant-scan-before-unmap') ? yield* busy_page(mapping) : undefined
  yield* unmap_mapping_pages(mapping, 0, mapping.i_pages.length, false)
  return has('mutant-scan-before-unmap') ? early : yield* busy_page(mapping)
}
