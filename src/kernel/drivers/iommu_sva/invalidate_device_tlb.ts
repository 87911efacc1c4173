import { atomic, type Step } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import type { Sva } from './sva.js'

/**
 * arm-smmu-v3-sva.c:arm_smmu_mm_invalidate_range: a command to IOMMU and device, and a wait. Neither has a translation,
 * or upper level, of the range any more that was taken from the tables before.
 */
export const invalidate_device_tlb = (sva: Sva, mm: Mm, start: number, end: number): Step<void> =>
  atomic('invalidate device TLB; sync', (m) => {
    for (const word of sva.held.slice(start, end)) m.set(word, 0)
    sva.iommu.invalidate(m, mm.context, start, end)
  })
