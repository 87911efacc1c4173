import { store, type Step } from '../../../engine/model/step.js'
import type { DmaMapping } from '../dma_mapping.js'
import type { Page } from '../../include/page.js'
import { _PAGE_DIRTY, _PAGE_PRESENT, _PAGE_RW, pfn_pte } from '../../include/pgtable.js'

/** include/linux/dma-mapping.h:dma_map_sgtable: the IOMMU lets the device reach the page. */
export const dma_map_sgtable = (mapping: DmaMapping, page: Page): Step<void> =>
  store(mapping.iommu_pte, pfn_pte(page.pfn, _PAGE_PRESENT | _PAGE_RW | _PAGE_DIRTY), { label: 'dma_map_sgtable(sg)' })

/** include/linux/dma-mapping.h:dma_unmap_sgtable: takes it away again, and waits for the flush of the IOMMU's TLB. */
export const dma_unmap_sgtable = (mapping: DmaMapping): Step<void> => store(mapping.iommu_pte, 0, { label: 'dma_unmap_sgtable(sg)' })
