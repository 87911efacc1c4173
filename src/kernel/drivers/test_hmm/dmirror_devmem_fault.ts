import { atomic, load, type Steps } from '../../../engine/model/step.js'
import { type PteFault, VM_FAULT_SIGBUS } from '../../include/fault.js'
import type { MigrateVma } from '../../include/migrate_vma.js'
import type { Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { dmirror_select_device, dmirror_to_system } from './dmirror_migrate.js'

/** vmf->page->zone_device_data; of a page that is free it is something else. */
function* backing_page(page: Page): Steps<Page | undefined> {
  const pfn = yield* atomic('rpage = zone_device_data', (m) => {
    for (const observer of kernel().observers) observer.usesPage?.(m, page)
    return m.get(page.lru)
  })
  return kernel().memory.pages[pfn]
}

/** lib/test_hmm.c:dmirror_devmem_fault (migrate_to_ram). `held`: the caller has a reference to the page. */
export function* dmirror_devmem_fault(vmf: PteFault, page: Page, held: boolean): Steps<number> {
  const rpage = yield* backing_page(page)
  if (!rpage) return VM_FAULT_SIGBUS
  const owner = yield* load(rpage.lru, { label: 'rpage->zone_device_data' })
  const dmirror = kernel().hmm.mirrors[owner - 1]
  if (!dmirror) return VM_FAULT_SIGBUS
  const range = { mm: vmf.mm, vma: vmf.vma, start: vmf.address, end: vmf.address + 1, owner: dmirror.mdevice.pagemap }
  const flags = dmirror_select_device(dmirror)
  const args: MigrateVma = held ? { ...range, flags, fault_page: page } : { ...range, flags }
  return (yield* dmirror_to_system(dmirror, args)) === undefined ? VM_FAULT_SIGBUS : 0
}
