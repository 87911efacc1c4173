import { atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { Page } from '../../include/page.js'
import { bug } from '../../bug.js'
import { kernel } from '../../kernel.js'
import { folio_lock } from '../../locking/folio_lock.js'
import { alloc_page } from '../../mm/page_alloc.js'
import { folio_put } from '../../mm/swap/folio_put.js'
import type { DmirrorDevice } from './dmirror.js'

/** Takes a page off the device's free list, under mdevice->lock. */
const take = (mdevice: DmirrorDevice): Step<Page | undefined> =>
  atomic('dpage = mdevice->free_pages', (m) => {
    const pfn = m.get(mdevice.free_pages)
    if (!pfn) return undefined
    const page = kernel().page(pfn)
    m.set(mdevice.free_pages, m.get(page.lru))
    return page
  })

/** mm/memremap.c:zone_device_page_init: one reference, locked. */
export function* zone_device_page_init(page: Page): Steps {
  yield* store(page._refcount, 1, { label: 'set_page_count(page, 1)' })
  yield* folio_lock(page)
}

/** lib/test_hmm.c:dmirror_devmem_alloc_page. A page of RAM stands for the memory of a private page. */
export function* dmirror_devmem_alloc_page(mdevice: DmirrorDevice): Steps<Page | undefined> {
  const private_zone = !mdevice.pagemap.coherent
  const rpage = private_zone ? yield* alloc_page() : undefined
  if (private_zone && !rpage) return undefined
  const dpage = yield* take(mdevice)
  if (!dpage) {
    if (rpage) yield* folio_put(rpage)
    return undefined
  }
  yield* zone_device_page_init(dpage)
  yield* store(dpage.lru, rpage?.pfn ?? 0, { label: 'dpage->zone_device_data' })
  return dpage
}

/** lib/test_hmm.c:BACKING_PAGE: where the content of a device's page is. */
export function* BACKING_PAGE(page: Page): Steps<Page> {
  if (!kernel().memory.isDevicePrivate(page)) return page
  return kernel().page(yield* load(page.lru, { label: 'BACKING_PAGE(page)' }))
}

const give_back = (mdevice: DmirrorDevice, page: Page): Step<void> =>
  atomic('mdevice->free_pages = page', (m) => {
    m.set(page.lru, m.get(mdevice.free_pages))
    m.set(mdevice.free_pages, page.pfn)
  })

/** lib/test_hmm.c:dmirror_devmem_free (page_free). */
export function* dmirror_devmem_free(page: Page): Steps {
  const coherent = !kernel().memory.isDevicePrivate(page)
  const rpage = coherent ? page : kernel().memory.pages[yield* load(page.lru, { label: 'BACKING_PAGE(page)' })]
  if (!rpage) return yield* bug('a page of a device is freed that is free')
  if (rpage !== page) yield* folio_put(rpage)
  const mdevice = kernel().hmm.devices.find(({ pagemap }) => pagemap.has(page))
  if (mdevice) yield* give_back(mdevice, page)
}
