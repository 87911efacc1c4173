import { atomic, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { mmu_notifier_register } from '../../mm/mmu_notifier/mmu_notifier_register.js'
import type { Sva } from './sva.js'

/** drivers/iommu/iommu-sva.c:iommu_sva_bind_device. The device, whose driver has set `notifier.ops`, begins to use the address space. */
export function* iommu_sva_bind_device(sva: Sva, mm: Mm): Steps {
  yield* mmu_notifier_register(sva.notifier, mm)
  yield* atomic('write context descriptor', (m) => m.set(sva.iommu.cr3, mm.context.id))
}
