import type { Access } from '../../../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { DmaFence } from '../../include/dma_fence.js'
import { pte_pfn } from '../../include/pgtable.js'
import { applied, kernel } from '../../kernel.js'
import { dma_fence_signal } from '../dma_buf/dma_fence.js'
import type { Userptr } from './userptr.js'

/** A write of the device that its own page tables let through. False: the IOMMU has no entry. */
export function through_iommu(m: Access, bo: Userptr, value: number): boolean {
  const word = m.get(bo.iommu_pte)
  if (word === 0) return false
  const page = kernel().page(pte_pfn(word))
  m.set(page.content, value)
  for (const observer of kernel().observers) observer.deviceWrites?.(m, page, value, bo.mm!, bo.address)
  return true
}

/** A write of the device, if its own page tables let it. */
export const device_store = (bo: Userptr, value: number): Step<boolean> =>
  atomic(`device: ST = ${value}`, (m) => m.get(bo.gpu_pte) !== 0 && through_iommu(m, bo, value))

/** The GPU does the work that was submitted, a write of `value` to the object, and signals its fence. Whether it could. */
export function* gpu_run(bo: Userptr, fence: DmaFence, value: number): Steps<boolean> {
  const written = yield* device_store(bo, value)
  yield* dma_fence_signal(fence)
  return written
}

/**
 * A command that does not ask the GPU's page tables: from a GPU that has none, or whose firmware somebody has taken over.
 * Only the IOMMU stands in its way.
 */
export function* rogue_command(bo: Userptr, value: number): Steps<boolean> {
  if (!applied('rogue-device')) return false
  return yield* atomic(`rogue command: ST = ${value}`, (m) => through_iommu(m, bo, value))
}
