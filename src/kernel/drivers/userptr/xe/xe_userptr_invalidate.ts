import { load, type Steps, store } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import type { MmuNotifierRange } from '../../../include/mmu_notifier.js'
import { has } from '../../../kernel.js'
import { down_write, up_write } from '../../../locking/rwsem.js'
import { mmu_interval_set_seq } from '../../../mm/mmu_interval_notifier.js'
import { dma_resv_test_signaled, dma_resv_wait_timeout } from '../../dma_buf/dma_resv.js'
import type { XeUserptrVma } from './xe_userptr_vma.js'
import { drm_gpusvm_unmap_pages, xe_tlb_inval_batch_wait, xe_vm_invalidate_vma, xe_vm_invalidate_vma_submit } from './xe_vm_invalidate_vma.js'

/* drivers/gpu/drm/xe/xe_userptr.c of 7.3, in fault mode; until then one pass, xe_vm.c:vma_userptr_invalidate. */

const lock = (vma: XeUserptrVma): Steps => down_write(vma.notifier_lock, 'down_write(notifier_lock)')
const unlock = (vma: XeUserptrVma): Steps<unknown> => up_write(vma.notifier_lock, 'up_write(notifier_lock)')
const is_submitted = (vma: XeUserptrVma): Steps<number> => load(vma.tlb_inval_submitted, { label: 'userptr->tlb_inval_submitted' })
const finish_inuse = (vma: XeUserptrVma): Steps<number> => load(vma.finish_inuse, { label: 'userptr->finish_inuse' })
const fences = (vma: XeUserptrVma): Steps => dma_resv_wait_timeout(vma.resv, DMA_RESV_USAGE.BOOKKEEP)

function* use_finish(vma: XeUserptrVma, used: boolean): Steps {
  yield* store(vma.finish_inuse, used ? 1 : 0, { label: `userptr->finish_inuse = ${used}` })
}

/** The second of two invalidations finds the tables empty, and nothing to flush; what the first has flushed may not be so far yet. */
function* second_invalidation(vma: XeUserptrVma): Steps {
  yield* xe_vm_invalidate_vma(vma)
  const inFlight = has('xe-waits-for-batch-in-flight') && (yield* is_submitted(vma))
  if (inFlight) yield* xe_tlb_inval_batch_wait(vma)
}

/** xe_vma_userptr_do_inval, of memory that was bound. */
export function* xe_vma_userptr_do_inval(vma: XeUserptrVma, is_deferred: boolean): Steps<boolean | 'finish'> {
  yield* fences(vma)
  if (!(yield* finish_inuse(vma))) {
    yield* use_finish(vma, true)
    yield* store(vma.tlb_inval_submitted, 1, { label: 'userptr->tlb_inval_submitted = true' })
    yield* xe_vm_invalidate_vma_submit(vma)
    return 'finish'
  }
  yield* second_invalidation(vma)
  if (is_deferred) yield* use_finish(vma, false)
  yield* drm_gpusvm_unmap_pages(vma)
  return true
}

/** xe_vma_userptr_invalidate_pass1 */
export function* xe_vma_userptr_invalidate_pass1(vma: XeUserptrVma): Steps<boolean | 'finish'> {
  if ((yield* dma_resv_test_signaled(vma.resv, DMA_RESV_USAGE.BOOKKEEP)) || (yield* finish_inuse(vma))) return yield* xe_vma_userptr_do_inval(vma, false)
  yield* use_finish(vma, true)
  return 'finish'
}

export function* xe_vma_userptr_invalidate_start(vma: XeUserptrVma, range: MmuNotifierRange, cur_seq: number): Steps<boolean | 'finish'> {
  if (range.blockable === false) return false
  yield* lock(vma)
  yield* mmu_interval_set_seq(vma.notifier, cur_seq)
  const finish = yield* xe_vma_userptr_invalidate_pass1(vma)
  yield* unlock(vma)
  return finish
}

/** xe_vma_userptr_complete_tlb_inval */
export function* xe_vma_userptr_complete_tlb_inval(vma: XeUserptrVma): Steps {
  if (!has('mutant-xe-finish-does-not-wait')) yield* xe_tlb_inval_batch_wait(vma)
  yield* store(vma.tlb_inval_submitted, 0, { label: 'userptr->tlb_inval_submitted = false' })
  yield* use_finish(vma, false)
  yield* drm_gpusvm_unmap_pages(vma)
}

export function* xe_vma_userptr_invalidate_finish(vma: XeUserptrVma): Steps {
  yield* lock(vma)
  if (yield* is_submitted(vma)) yield* xe_vma_userptr_complete_tlb_inval(vma)
  else yield* xe_vma_userptr_do_inval(vma, true)
  yield* unlock(vma)
}

/** drivers/gpu/drm/xe/xe_vm.c:__vma_userptr_invalidate of 6.12: all of it with the lock held. */
export function* __vma_userptr_invalidate(vma: XeUserptrVma, range: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  if (range.blockable === false) return false
  yield* lock(vma)
  yield* mmu_interval_set_seq(vma.notifier, cur_seq)
  yield* fences(vma)
  yield* xe_vm_invalidate_vma(vma)
  yield* drm_gpusvm_unmap_pages(vma)
  yield* unlock(vma)
  return true
}

/** vma_userptr_notifier_ops */
export function vma_userptr_notifier_ops(vma: XeUserptrVma): void {
  if (!has('xe-two-pass')) {
    vma.notifier.invalidate = (range, seq) => __vma_userptr_invalidate(vma, range, seq)
    return
  }
  vma.notifier.invalidate_start = (range, seq) => xe_vma_userptr_invalidate_start(vma, range, seq)
  vma.notifier.invalidate_finish = () => xe_vma_userptr_invalidate_finish(vma)
}
