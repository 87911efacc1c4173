import type { Steps } from '../../../engine/model/step.js'
import type { DevPagemapOps } from '../../include/dev_pagemap.js'
import { unmap_mapping_pages } from '../../mm/memory/unmap_mapping_range.js'
import { put_dev_pagemap } from '../../mm/memremap/get_dev_pagemap.js'
import { memunmap_pages } from '../../mm/memremap/memunmap_pages.js'
import { gen_pool_free, kernfs_deactivate, type PciP2pdma } from './p2pdma.js'

/** drivers/pci/p2pdma.c:p2pdma_page_free */
export const p2pdma_pgmap_ops = (p2pdma: PciP2pdma): DevPagemapOps => ({
  *page_free(page) {
    yield* gen_pool_free(p2pdma, page)
    yield* put_dev_pagemap(p2pdma.pgmap)
  },
})

/** The driver is unbound: pci_p2pdma_unmap_mappings() takes the file away and unmaps it, memunmap_pages() the memory. */
export function* pci_p2pdma_remove(p2pdma: PciP2pdma): Steps {
  yield* kernfs_deactivate(p2pdma)
  const { mapping } = p2pdma
  if (mapping) yield* unmap_mapping_pages(mapping, 0, mapping.i_pages.length, true)
  yield* memunmap_pages(p2pdma.pgmap)
}
