import type { Access, Cell } from '../../../engine/model/memory.js'
import { Blocked } from '../../../engine/model/step.js'
import type { DmaResv, DmaResvUsage } from '../../include/dma_resv.js'
import { kernel } from '../../kernel.js'

/**
 * drivers/gpu/drm/amd/amdgpu/amdgpu_sync.c:amdgpu_sync_resv: what new work has to come after, of the usages asked for. With the
 * reservation held, as part of a step. 1 << ref for each fence that has not signalled.
 */
export function fences_before(m: Access, resv: DmaResv, usage: DmaResvUsage): number {
  let mask = 0
  for (const cell of resv.fences) {
    const entry = m.get(cell)
    const fence = kernel().fences.at(entry >>> 2)
    if (fence && (entry & 3) <= usage && !m.get(fence.signaled)) mask |= 1 << fence.ref
  }
  return mask
}

/** drivers/gpu/drm/scheduler/sched_entity.c:drm_sched_job_dependency: the scheduler hands the work to the GPU when all have signalled. */
export const waits_for = (m: Access, after: Cell): Blocked | undefined =>
  kernel().fences.objects.some((fence) => m.get(after) & (1 << fence.ref) && !m.get(fence.signaled)) ? new Blocked('fence not signalled') : undefined
