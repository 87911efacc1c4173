import { atomic, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { invalidate_device_tlb } from './invalidate_device_tlb.js'
import type { Sva, SvaDriver } from './sva.js'

/** drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c:arm_smmu_mm_release: the device reaches nothing any more. */
function* release(sva: Sva, mm: Mm): Steps {
  yield* invalidate_device_tlb(sva, mm, 0, kernel().taskSize)
  yield* atomic('clear context descriptor', (m) => m.set(sva.iommu.cr3, 0))
}

/** arm-smmu-v3-sva.c:arm_smmu_mmu_notifier_ops. */
export const arm_smmu_mmu_notifier_ops: SvaDriver = (sva) => ({
  invalidate_range: (mm, start, end) => invalidate_device_tlb(sva, mm, start, end),
  release: (mm) => release(sva, mm),
})
