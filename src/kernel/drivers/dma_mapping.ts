import type { Cell } from '../../engine/model/memory.js'
import { atomic, type Step } from '../../engine/model/step.js'
import type { Mm } from '../include/mm.js'
import { pte_pfn } from '../include/pgtable.js'
import { kernel } from '../kernel.js'

/** What a driver has mapped for its device with dma_map_sgtable(): an entry of an IOMMU, 0 or page and rights. */
export interface DmaMapping {
  readonly iommu_pte: Cell
  /** What it is a mapping of, if it is user memory that the driver gives up when it is told to: then O11 judges what the device does. */
  readonly mm?: Mm | undefined
  readonly address?: number
}

/** The device writes through its mapping. False: the IOMMU has no entry. */
export const device_dma_write = (mapping: DmaMapping, value: number): Step<boolean> =>
  atomic(`device: ST = ${value}`, (m) => {
    const word = m.get(mapping.iommu_pte)
    if (word === 0) return false
    const page = kernel().page(pte_pfn(word))
    m.set(page.content, value)
    for (const observer of kernel().observers) {
      observer.deviceAccesses?.(m, page)
      if (mapping.mm) observer.deviceWrites?.(m, page, value, mapping.mm, mapping.address ?? 0)
      else observer.writesThroughPin?.(m, page, value)
    }
    return true
  })

/** The device reads through its mapping. Undefined: the IOMMU has no entry. */
export const device_dma_read = (mapping: DmaMapping): Step<number | undefined> =>
  atomic('device: LD', (m) => {
    const word = m.get(mapping.iommu_pte)
    if (word === 0) return undefined
    const page = kernel().page(pte_pfn(word))
    for (const observer of kernel().observers) observer.deviceAccesses?.(m, page)
    return m.get(page.content)
  })
