// A driver with memory of its own frees what backs a page with the last reference; somebody who has only the number takes one.
import {
  type Allocated, folio_get, folio_unlock, get_page_unless_zero, holds, kfree, load, type Page, pfn_to_page, put_page, race, reach, type Setup, violates,
  zone_device_page_init,
} from 'mmrace'
import type { Steps } from 'mmrace/engine'

type Backing = Allocated<'data'>

function* page_free(backing: Backing): Steps {
  yield* kfree(backing)
  yield* reach('freed')
}

/** By its number anybody finds a page, in use or not. */
function* look(pfn: number, backing: Backing, asks: boolean | undefined): Steps {
  const page = pfn_to_page(pfn)
  if (!asks) yield* folio_get(page)
  else if (!(yield* get_page_unless_zero(page))) return
  yield* load(backing.data)
  yield* put_page(page)
}

export default race({
  name: 'device-memory',
  title: 'a page of a device is found by its number while its last reference goes',
  needs: ['ZONE_DEVICE'],
  setup: (k: Setup) => {
    const backing = k.object('backing', { data: 1 })
    const page: Page = k.devPagemap('private', { page_free: () => page_free(backing) }).pages[0]!
    k.call(zone_device_page_init(page))
    k.call(folio_unlock(page))
    return { page, backing }
  },
  cpus: {
    owner: ({ page }) => put_page(page),
    walker: ({ page, backing }, { asks }: { asks?: boolean }) => look(page.pfn, backing, asks),
  },
  sometimes: ['freed'],
  variants: { fixed: { with: { asks: true }, expect: holds }, bug: { with: { asks: false }, expect: violates('O2', 'all') } },
})
