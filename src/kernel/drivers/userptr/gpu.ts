import type { Access } from '../../../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../../../engine/model/step.js'
import type { DmaFence } from '../../include/dma_fence.js'
import { GFP_ATOMIC, GFP_KERNEL } from '../../include/gfp.js'
import { pte_pfn } from '../../include/pgtable.js'
import { has, kernel } from '../../kernel.js'
import { __alloc_pages_slowpath } from '../../mm/vmscan/alloc_slowpath.js'
import { dma_fence_begin_signalling, dma_fence_end_signalling, dma_fence_signal } from '../dma_buf/dma_fence.js'
import { dma_resv_lock_single, dma_resv_unlock } from '../dma_buf/dma_resv.js'
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

/** drivers/gpu/drm/amd/amdgpu/amdgpu_job.c:amdgpu_job_run: the fence of the hardware is allocated without waiting. */
function* run_job(bo: Userptr): Steps {
  yield* __alloc_pages_slowpath(has('mutant-job-allocates') ? GFP_KERNEL : GFP_ATOMIC)
  if (!has('mutant-job-reserves')) return
  yield* dma_resv_lock_single(bo.resv)
  yield* dma_resv_unlock(bo.resv)
}

/**
 * The scheduler hands the GPU the work that was submitted, a write of `value` to the object; the GPU does it, and its interrupt
 * signals the fence. Since that was published others may wait for all of this. Whether the GPU could write.
 */
export function* gpu_run(bo: Userptr, fence: DmaFence, value: number): Steps<boolean> {
  yield* dma_fence_begin_signalling()
  yield* run_job(bo)
  const written = yield* device_store(bo, value)
  yield* dma_fence_signal(fence)
  yield* dma_fence_end_signalling()
  return written
}

/**
 * A command that does not ask the GPU's page tables: from a GPU that has none, or whose firmware somebody has taken over.
 * Only the IOMMU stands in its way.
 */
export function* rogue_command(bo: Userptr, value: number): Steps<boolean> {
  if (!has('rogue-device')) return false
  return yield* atomic(`rogue command: ST = ${value}`, (m) => through_iommu(m, bo, value))
}
