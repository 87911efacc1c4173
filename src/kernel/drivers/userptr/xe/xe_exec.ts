import { load, type Steps, store } from '../../../../engine/model/step.js'
import type { DmaFence } from '../../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import type { WwAcquireCtx } from '../../../include/ww_mutex.js'
import { has } from '../../../kernel.js'
import { down_read, up_read } from '../../../locking/rwsem.js'
import { mmu_interval_read_retry } from '../../../mm/mmu_interval_notifier.js'
import { set_page_dirty_lock } from '../../../mm/page-writeback/set_page_dirty_lock.js'
import { observe } from '../../../observer.js'
import { dma_fence_alloc, dma_fence_put } from '../../dma_buf/dma_fence.js'
import { ttm_eu_backoff_reservation, ttm_eu_fence_buffer_objects, ttm_eu_reserve_buffers } from '../../ttm/ttm_execbuf_util.js'
import { dma_map_sgtable } from '../dma_map.js'
import { hmm_get_user_pages, type HmmPages } from '../hmm_get_pages.js'
import type { Userptr } from '../userptr.js'
import { xe_hmm_userptr_unmap } from './xe_userptr.js'

/** drivers/gpu/drm/xe/xe_hmm.c:xe_build_sg: looks at the struct pages, marks them as written to, and maps them. */
export function* xe_build_sg(bo: Userptr, { page, seq }: HmmPages): Steps {
  yield* observe('page_to_phys(page)', (o, m) => o.usesPage?.(m, page))
  yield* dma_map_sgtable(bo, page)
  yield* store(bo.page, page.pfn + 1, { label: 'userptr->sg = &sgt' })
  yield* store(bo.notifier_seq, seq, { label: 'userptr->notifier_seq' })
}

const locked = (bo: Userptr) => down_read(bo.notifier_lock, 'down_read(notifier_lock)')
const unlocked = (bo: Userptr) => up_read(bo.notifier_lock, 'up_read(notifier_lock)')

/** Maps what was found, if it is still so. Before 0a98219bcc96 nobody asked until the work was published. */
function* map_if_valid(bo: Userptr, found: HmmPages): Steps<boolean> {
  if (!has('0a98219bcc96')) {
    yield* set_page_dirty_lock(found.page)
    yield* xe_build_sg(bo, found)
    return true
  }
  yield* locked(bo)
  const retry = !has('mutant-xe-no-recheck') && (yield* mmu_interval_read_retry(bo.notifier, found.seq))
  if (!retry) yield* xe_build_sg(bo, found)
  yield* unlocked(bo)
  return !retry
}

/** drivers/gpu/drm/xe/xe_hmm.c:xe_hmm_userptr_populate_range, unless what it found last time still holds. */
function* xe_vma_userptr_pin_pages(bo: Userptr): Steps<'pinned' | 'again' | 'no memory'> {
  const have = yield* load(bo.page, { label: 'userptr->sg' })
  if (have && !(yield* mmu_interval_read_retry(bo.notifier, yield* load(bo.notifier_seq, { label: 'userptr->notifier_seq' })))) return 'pinned'
  if (have) {
    yield* xe_hmm_userptr_unmap(bo)
    yield* store(bo.page, 0, { label: 'xe_hmm_userptr_free_sg()' })
  }
  const found = yield* hmm_get_user_pages(bo)
  if (!found) return 'no memory'
  return (yield* map_if_valid(bo, found)) ? 'pinned' : 'again'
}

/** Under the notifier lock: binds, and publishes work, if nothing was invalidated since. Whether it did. */
function* publish(bo: Userptr, ticket: WwAcquireCtx, fence: DmaFence): Steps<boolean> {
  const seq = yield* load(bo.notifier_seq, { label: 'userptr->notifier_seq' })
  if (yield* mmu_interval_read_retry(bo.notifier, seq)) return false
  yield* store(bo.gpu_pte, 1, { label: 'xe_pt_commit_bind()' })
  yield* ttm_eu_fence_buffer_objects(ticket, [bo.resv], fence, DMA_RESV_USAGE.BOOKKEEP)
  return true
}

/** One try of xe_exec_ioctl, with vm->lock held in the kernel: a fence, or whether to try again. */
function* try_exec(bo: Userptr): Steps<DmaFence | 'again' | 'no memory'> {
  const pinned = yield* xe_vma_userptr_pin_pages(bo)
  if (pinned !== 'pinned') return pinned
  const fence = yield* dma_fence_alloc()
  const ticket = yield* ttm_eu_reserve_buffers([bo.resv])
  yield* locked(bo)
  const done = yield* publish(bo, ticket, fence)
  yield* unlocked(bo)
  if (done) return fence
  yield* ttm_eu_backoff_reservation(ticket, [bo.resv])
  yield* dma_fence_put(fence)
  return 'again'
}

/** drivers/gpu/drm/xe/xe_exec.c:xe_exec_ioctl: the fence of work that uses the object. Undefined: there is no memory. */
export function* xe_exec_ioctl(bo: Userptr): Steps<DmaFence | undefined> {
  for (;;) {
    const result = yield* try_exec(bo)
    if (result !== 'again') return result === 'no memory' ? undefined : result
  }
}
