import { atomic, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { mmu_notifier_register } from '../../mm/mmu_notifier/mmu_notifier_register.js'
import { arm_smmu_mmu_notifier_ops } from './arm_smmu_mmu_notifier_ops.js'
import type { Sva, SvaDriver } from './sva.js'

/** drivers/iommu/iommu-sva.c:iommu_sva_bind_device. At set-up: the device begins to use the address space. */
export function* iommu_sva_bind_device(sva: Sva, mm: Mm, driver: SvaDriver = arm_smmu_mmu_notifier_ops): Steps {
  sva.notifier.ops = driver(sva)
  yield* mmu_notifier_register(sva.notifier, mm)
  yield* atomic('write context descriptor', (m) => m.set(sva.iommu.cr3, mm.context.id))
}
