import type { Cell, Memory } from '../../../engine/model/memory.js'
import { atomic, Blocked, type Step, type Steps } from '../../../engine/model/step.js'
import { bug } from '../../bug.js'
import type { AddressSpace } from '../../include/address_space.js'
import type { DevPagemap } from '../../include/dev_pagemap.js'
import type { Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'

/** drivers/pci/p2pdma.c:struct pci_p2pdma: memory in the BAR of a PCI device, handed out page by page. */
export class PciP2pdma {
  /** The gen_pool: by page, 1 while it is handed out. */
  readonly pool: readonly Cell[]
  /** Users of the sysfs file right now (kernfs_node->active); negative once it is removed. */
  readonly active: Cell
  /** What each VMA maps, by its index: a pfn (struct pci_p2pdma_map of the third version). */
  readonly maps: readonly Cell[]
  /** The sysfs file that is mapped. Set when it is made. */
  mapping: AddressSpace | undefined

  constructor(memory: Memory, readonly pgmap: DevPagemap, vmas: number) {
    this.pool = memory.cells('p2pdma.pool', pgmap.pages.length)
    this.active = memory.cell('p2pdma.active')
    this.maps = memory.cells('p2pdma.maps', vmas)
  }
}

/** lib/genalloc.c:gen_pool_alloc_owner */
export const gen_pool_alloc = ({ pool, pgmap }: PciP2pdma): Step<Page | undefined> =>
  atomic('page = gen_pool_alloc(p2pdma->pool)', (m) => {
    const index = pool.findIndex((bit) => m.get(bit) === 0)
    if (index >= 0) m.set(pool[index]!, 1)
    return pgmap.pages[index]
  })

/** lib/genalloc.c:gen_pool_free_owner. BUG_ON() when the memory is free already. */
export function* gen_pool_free({ pool, pgmap }: PciP2pdma, page: Page): Steps {
  const taken = yield* atomic('gen_pool_free(p2pdma->pool, page)', (m) => {
    const bit = pool[pgmap.pages.indexOf(page)]!
    const before = m.get(bit)
    m.set(bit, 0)
    return before
  })
  if (!taken) yield* bug('gen_pool_free() of a page that is free')
}

const REMOVED = -1000

/** fs/kernfs/dir.c:kernfs_get_active */
export const kernfs_get_active = ({ active }: PciP2pdma): Step<boolean> =>
  atomic('kernfs_get_active(kn)', (m) => {
    if (m.get(active) < 0 || !kernel().profile.pteDevmap) return false
    m.set(active, m.get(active) + 1)
    return true
  })

/** fs/kernfs/dir.c:kernfs_put_active */
export const kernfs_put_active = ({ active }: PciP2pdma): Step<void> =>
  atomic('kernfs_put_active(kn)', (m) => m.set(active, m.get(active) - 1))

/** fs/kernfs/dir.c:kernfs_drain, up to the unmapping: nobody new, and those who use the file have ended. */
export function* kernfs_deactivate({ active }: PciP2pdma): Steps {
  yield* atomic('atomic_add(KN_DEACTIVATED_BIAS)', (m) => m.set(active, m.get(active) + REMOVED))
  yield* atomic('kernfs_drain(kn)', (m) => (m.get(active) === REMOVED ? undefined : new Blocked('the file is in use')))
}
