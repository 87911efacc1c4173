import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { mmu_notifier_register } from '../../mm/mmu_notifier/mmu_notifier_register.js'
import type { Sva } from './sva.js'

/** drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-sva.c:arm_smmu_mm_invalidate_range: a command to IOMMU and device, and a wait. */
const invalidate = (sva: Sva, mm: Mm, start: number, end: number): Step<void> =>
  atomic('invalidate device TLB; sync', (m) => {
    for (const word of sva.held.slice(start, end)) m.set(word, 0)
    sva.iommu.invalidate(m, mm.context, start, end)
  })

/** arm_smmu_mm_release: the device reaches nothing any more. */
function* release(sva: Sva, mm: Mm): Steps {
  yield* invalidate(sva, mm, 0, kernel().taskSize)
  yield* atomic('clear context descriptor', (m) => m.set(sva.iommu.cr3, 0))
}

/** drivers/iommu/iommu-sva.c:iommu_sva_bind_device. At set-up: the device begins to use the address space. */
export function* iommu_sva_bind_device(sva: Sva, mm: Mm): Steps {
  sva.notifier.ops = {
    invalidate_range: (of, start, end) => invalidate(sva, of, start, end),
    release: (of) => release(sva, of),
  }
  yield* mmu_notifier_register(sva.notifier, mm)
  yield* atomic('write context descriptor', (m) => m.set(sva.iommu.cr3, mm.context.id))
}
