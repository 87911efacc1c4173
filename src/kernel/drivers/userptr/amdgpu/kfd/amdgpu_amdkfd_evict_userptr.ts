import { fetchAdd, type Steps } from '../../../../../engine/model/step.js'
import type { MmuNotifierRange } from '../../../../include/mmu_notifier.js'
import { has } from '../../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../../locking/mutex.js'
import { mmu_interval_set_seq } from '../../../../mm/mmu_interval_notifier.js'
import { queue_work } from '../../../../workqueue/workqueue.js'
import type { UserptrDriver } from '../../userptr.js'
import { amdgpu_amdkfd_restore_userptr_worker } from './amdgpu_amdkfd_restore_userptr_worker.js'
import type { KfdProcess, KgdMem } from './kfd_process.js'
import { kgd2kfd_quiesce_mm } from './kfd_queues.js'

/** Whether nobody has stopped the queues yet. */
function* is_first(process: KfdProcess, mem: KgdMem): Steps<boolean> {
  yield* fetchAdd(mem.invalid, 1, { label: 'mem->invalid++' })
  return (yield* fetchAdd(process.evicted_bos, 1, { label: 'process_info->evicted_bos++' })) === 0
}

function* stop(process: KfdProcess): Steps {
  yield* kgd2kfd_quiesce_mm(process)
  yield* queue_work(process.restore_userptr_work)
}

/**
 * drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c:amdgpu_mn_invalidate_hsa, and amdgpu_amdkfd_gpuvm.c:amdgpu_amdkfd_evict_userptr:
 * who comes first stops the queues.
 */
export function* amdgpu_mn_invalidate_hsa(process: KfdProcess, mem: KgdMem, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (range.blockable === false) return false
  const lock = has('f95f51a4c335') ? process.notifier_lock : mem.bo.notifier_lock
  const late = has('mutant-kfd-quiesce-unlocked')
  yield* mutex_lock(lock, 'mutex_lock(notifier_lock)')
  yield* mmu_interval_set_seq(mem.bo.notifier, cur_seq)
  const first = yield* is_first(process, mem)
  if (first && !late) yield* stop(process)
  yield* mutex_unlock(lock, 'mutex_unlock(notifier_lock)')
  if (first && late) yield* stop(process)
  return true
}

/** amdgpu for the objects of a process that uses ROCm, each on a GPU of its own. */
export const amdgpu_kfd = (process: KfdProcess): UserptrDriver => (bo) => {
  const mem = process.add(bo)
  bo.notifier.invalidate = (range, seq) => amdgpu_mn_invalidate_hsa(process, mem, range, seq)
  process.restore_userptr_work.func = () => amdgpu_amdkfd_restore_userptr_worker(process)
}
