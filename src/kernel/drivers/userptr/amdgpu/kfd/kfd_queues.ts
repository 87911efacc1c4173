import { atomic, fetchAdd, type Step, type Steps } from '../../../../../engine/model/step.js'
import { mutex_lock, mutex_unlock } from '../../../../locking/mutex.js'
import { memalloc_restore, memalloc_save, PF_MEMALLOC } from '../../../../mm/might_alloc.js'
import { through_iommu } from '../../gpu.js'
import type { Userptr } from '../../userptr.js'
import type { KfdProcess } from './kfd_process.js'

/* drivers/gpu/drm/amd/amdkfd: queues that user space fills itself. There are no fences: to be quiet a GPU has to be stopped. */

/** kfd_device_queue_manager.c:dqm_lock. Notifiers take it, so what is allocated under it must not reclaim. */
export function* dqm_lock(process: KfdProcess): Steps {
  yield* mutex_lock(process.dqm_lock, 'dqm_lock(dqm)')
  yield* memalloc_save(PF_MEMALLOC)
}

function* dqm_unlock(process: KfdProcess): Steps {
  yield* memalloc_restore(PF_MEMALLOC)
  yield* mutex_unlock(process.dqm_lock, 'dqm_unlock(dqm)')
}

/** kfd_device.c:kgd2kfd_quiesce_mm: the queues are stopped, and what they run is saved. All GPUs of the process in one step. */
export function* kgd2kfd_quiesce_mm(process: KfdProcess): Steps {
  yield* dqm_lock(process)
  yield* fetchAdd(process.evicted, 1, { label: 'qpd->evicted++, queues stop' })
  yield* dqm_unlock(process)
}

/** kfd_device.c:kgd2kfd_resume_mm: they run again, unless there are other reasons. */
export function* kgd2kfd_resume_mm(process: KfdProcess): Steps {
  yield* dqm_lock(process)
  yield* fetchAdd(process.evicted, -1, { label: 'qpd->evicted--, queues run' })
  yield* dqm_unlock(process)
}

/** A queue of the process writes to an object, if it runs and the GPU maps that. Whether it did. */
export const queue_store = (process: KfdProcess, bo: Userptr, value: number): Step<boolean> =>
  atomic(`device: ST = ${value}`, (m) => m.get(process.evicted) === 0 && m.get(bo.gpu_pte) !== 0 && through_iommu(m, bo, value))
