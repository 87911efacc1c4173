import { clearBits, load, type Steps, store } from '../../../engine/model/step.js'
import { PG_anon_exclusive } from '../../include/page_flags.js'
import { type Page, PAGE_MAPPING_ANON } from '../../include/page.js'
import { kernel } from '../../kernel.js'

/** mm/memremap.c:free_zone_device_page: the last reference is gone, the driver gets its page back. Its flags stay. */
export function* free_zone_device_page(page: Page): Steps {
  if ((yield* load(page.mapping, { label: 'PageAnon(page)' })) & PAGE_MAPPING_ANON) {
    yield* clearBits(page.flags, PG_anon_exclusive, { label: '__ClearPageAnonExclusive()' })
  }
  yield* store(page.mapping, 0, { label: 'page->mapping = NULL' })
  const ops = kernel().memory.pagemapOf(page)?.ops
  if (ops) yield* ops.page_free(page)
}
