import { cmpxchg, load, type Step, type Steps, store } from '../../../../../engine/model/step.js'
import { has } from '../../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../../locking/mutex.js'
import { mmget_not_zero } from '../../../../mm/fork/mm_count.js'
import { mmput } from '../../../../mm/fork/mmput.js'
import { mmu_interval_read_retry } from '../../../../mm/mmu_interval_notifier.js'
import { queue_work } from '../../../../workqueue/workqueue.js'
import type { KfdProcess, KgdMem } from './kfd_process.js'
import { kgd2kfd_resume_mm } from './kfd_queues.js'
import { kfd_get_user_pages, move_to_inval_list, validate } from './kfd_user_pages.js'

/* drivers/gpu/drm/amd/amdgpu/amdgpu_amdkfd_gpuvm.c of 6.1, and with f95f51a4c335 as since 6.3. */

const evicted_bos = (process: KfdProcess): Step => load(process.evicted_bos, { label: 'process_info->evicted_bos' })
const is_invalid = (mem: KgdMem): Step => load(mem.on_inval_list, { label: 'list_empty(userptr_inval_list)' })
const is_valid_now = (mem: KgdMem): Step<void> => store(mem.on_inval_list, 0, { label: 'list_move_tail(userptr_valid_list)' })

/** Since 6.3 what notifiers count is read and written under the lock that they take. */
function* notifiers_locked(process: KfdProcess): Steps {
  if (has('f95f51a4c335')) yield* mutex_lock(process.notifier_lock, 'mutex_lock(notifier_lock)')
}

function* notifiers_unlocked(process: KfdProcess): Steps {
  if (has('f95f51a4c335')) yield* mutex_unlock(process.notifier_lock, 'mutex_unlock(notifier_lock)')
}

/** Whether the object has pages that were not invalidated since they were looked up. */
function* update_invalid(process: KfdProcess, mem: KgdMem): Steps<boolean> {
  yield* notifiers_locked(process)
  const invalid = yield* load(mem.invalid, { label: 'mem->invalid' })
  yield* notifiers_unlocked(process)
  if (!invalid) return true
  if (!(yield* is_invalid(mem))) yield* move_to_inval_list(mem)
  yield* kfd_get_user_pages(mem)
  yield* notifiers_locked(process)
  const same = (yield* cmpxchg(mem.invalid, invalid, 0, { label: 'mem->invalid = 0' })) === invalid
  yield* notifiers_unlocked(process)
  return same
}

/** update_invalid_user_pages */
function* update_invalid_user_pages(process: KfdProcess): Steps<boolean> {
  for (const mem of process.mems) if (!(yield* update_invalid(process, mem))) return false
  return true
}

/** validate_invalid_user_pages. Before f95f51a4c335 the objects were valid from here on. */
function* validate_invalid_user_pages(process: KfdProcess): Steps {
  for (const mem of process.mems) {
    if (!(yield* is_invalid(mem))) continue
    yield* validate(mem)
    if (!has('f95f51a4c335')) yield* is_valid_now(mem)
  }
}

/** confirm_valid_user_pages_locked */
function* confirm_valid_user_pages_locked(process: KfdProcess): Steps<boolean> {
  for (const mem of process.mems) {
    if (!(yield* is_invalid(mem))) continue
    const seq = yield* load(mem.bo.notifier_seq, { label: 'mem->range' })
    if (yield* mmu_interval_read_retry(mem.bo.notifier, seq)) return false
    yield* is_valid_now(mem)
  }
  return true
}

/** With all as it was at the beginning the queues may go on. */
function* resume(process: KfdProcess, evicted: number): Steps<boolean> {
  const expected = has('mutant-kfd-resume-unchecked') ? yield* evicted_bos(process) : evicted
  if (has('f95f51a4c335') && !((yield* evicted_bos(process)) === expected && (yield* confirm_valid_user_pages_locked(process)))) return false
  if ((yield* cmpxchg(process.evicted_bos, expected, 0, { label: 'process_info->evicted_bos = 0' })) !== expected) return false
  yield* kgd2kfd_resume_mm(process)
  return true
}

/** Whether all objects have their pages, and the queues run again. */
function* restore(process: KfdProcess, evicted: number): Steps<boolean> {
  if (!(yield* update_invalid_user_pages(process))) return false
  if (!has('f95f51a4c335') && (yield* evicted_bos(process)) !== evicted) return false
  yield* validate_invalid_user_pages(process)
  yield* notifiers_locked(process)
  const resumed = yield* resume(process, evicted)
  yield* notifiers_unlocked(process)
  return resumed
}

/**
 * amdgpu_amdkfd_restore_userptr_worker: what an eviction has queued. It is queued again until it gets through, as long as the process
 * has its memory (get_task_mm).
 */
export function* amdgpu_amdkfd_restore_userptr_worker(process: KfdProcess): Steps {
  const evicted = yield* evicted_bos(process)
  if (!evicted) return
  const mm = process.mems[0]!.bo.mm!
  if (!(yield* mmget_not_zero(mm))) return
  yield* mutex_lock(process.lock, 'mutex_lock(&process_info->lock)')
  const restored = yield* restore(process, evicted)
  yield* mutex_unlock(process.lock, 'mutex_unlock(&process_info->lock)')
  if (!restored) yield* queue_work(process.restore_userptr_work)
  yield* mmput(mm)
}
