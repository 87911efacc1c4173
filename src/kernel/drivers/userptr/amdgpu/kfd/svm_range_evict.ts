import { fetchAdd, type Steps, store } from '../../../../../engine/model/step.js'
import type { MmuNotifierRange } from '../../../../include/mmu_notifier.js'
import { has } from '../../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../../locking/mutex.js'
import { mmu_interval_set_seq } from '../../../../mm/mmu_interval_notifier.js'
import { queue_work } from '../../../../workqueue/workqueue.js'
import type { UserptrDriver } from '../../userptr.js'
import type { KfdProcess, KgdMem } from './kfd_process.js'
import { kgd2kfd_quiesce_mm } from './kfd_queues.js'

function* stop(process: KfdProcess): Steps {
  yield* kgd2kfd_quiesce_mm(process)
  yield* queue_work(process.restore_userptr_work)
}

/** Only who evicts the first range stops the queues: the others return at once, whether or not those have stopped by then. */
function* evict(process: KfdProcess, { invalid }: KgdMem): Steps {
  const locks = has('kfd-svm-evict-lock')
  const late = has('mutant-kfd-svm-stops-unlocked')
  yield* fetchAdd(invalid, 1, { label: 'prange->invalid++' })
  if (locks) yield* mutex_lock(process.notifier_lock, 'mutex_lock(svms)')
  const evicted_ranges = yield* fetchAdd(process.evicted_bos, 1, { label: 'atomic_inc_return(&svms->evicted_ranges)' })
  if (locks && late) yield* mutex_unlock(process.notifier_lock, 'mutex_unlock(svms)')
  if (evicted_ranges === 0) yield* stop(process)
  if (locks && !late) yield* mutex_unlock(process.notifier_lock, 'mutex_unlock(svms)')
}

/** drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_evict */
export function* svm_range_evict(process: KfdProcess, mem: KgdMem): Steps {
  if (has('kfd-xnack')) yield* store(mem.bo.gpu_pte, 0, { label: 'svm_range_unmap_from_gpus()' })
  else yield* evict(process, mem)
}

/** drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_cpu_invalidate_pagetables. The lock is the range's own. */
export function* svm_range_cpu_invalidate_pagetables(process: KfdProcess, mem: KgdMem, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (range.event === 'release') return true
  yield* mutex_lock(mem.bo.notifier_lock, 'svm_range_lock(prange)')
  yield* mmu_interval_set_seq(mem.bo.notifier, cur_seq)
  yield* svm_range_evict(process, mem)
  yield* mutex_unlock(mem.bo.notifier_lock, 'svm_range_unlock(prange)')
  return true
}

/** Ranges of memory that a process that uses ROCm shares with its GPUs, one page each (svm_range_mn_ops). */
export const kfd_svm = (process: KfdProcess): UserptrDriver => (bo) => {
  const mem = process.add(bo)
  bo.notifier.invalidate = (range, seq) => svm_range_cpu_invalidate_pagetables(process, mem, range, seq)
}
