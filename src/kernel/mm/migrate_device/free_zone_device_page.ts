import { clearBits, load, type Steps, store } from '../../../engine/model/step.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import { type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { set_page_count } from '../../include/page_ref.js'
import { has, kernel } from '../../kernel.js'
import { put_dev_pagemap } from '../memremap/get_dev_pagemap.js'

/**
 * mm/memremap.c:free_zone_device_page: the last reference is gone, the driver gets its page back. Its flags stay. A page of
 * device-dax comes here only where its references keep the pagemap, as they did until 5.17.
 */
export function* free_zone_device_page(page: Page): Steps {
  if ((yield* load(page.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON) {
    yield* clearBits(page.flags, PG_anon_exclusive, { label: '__ClearPageAnonExclusive()' })
  }
  yield* store(page.mapping, 0, { label: 'page->mapping = NULL' })
  const pgmap = kernel().memory.pagemapOf(page)
  if (!pgmap) return
  const counted = pgmap.type === 'pci_p2pdma' && !has('p2pdma-ref0')
  const first = counted && has('count-before-page-free')
  if (first) yield* set_page_count(page, 1)
  if (pgmap.ops) yield* pgmap.ops.page_free(page)
  if (counted && !first) yield* set_page_count(page, 1)
  else if (pgmap.type === 'generic') yield* put_dev_pagemap(pgmap)
}
