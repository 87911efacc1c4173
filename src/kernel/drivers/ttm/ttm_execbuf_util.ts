import type { Steps } from '../../../engine/model/step.js'
import type { DmaFence } from '../../include/dma_fence.js'
import { type DmaResv, type DmaResvUsage } from '../../include/dma_resv.js'
import { EDEADLK } from '../../include/errno.js'
import type { WwAcquireCtx } from '../../include/ww_mutex.js'
import { ww_acquire_fini, ww_acquire_init } from '../../locking/ww_mutex.js'
import { dma_resv_add_fence, dma_resv_lock, dma_resv_lock_slow, dma_resv_unlock } from '../dma_buf/dma_resv.js'

/** The index of the first that could not be locked, or the number of all. */
function* lock_from(list: readonly DmaResv[], first: number, ticket: WwAcquireCtx): Steps<number> {
  for (let i = first; i < list.length; i++) if ((yield* dma_resv_lock(list[i]!, ticket)) === -EDEADLK) return i
  return list.length
}

function* unlock_all(list: readonly DmaResv[]): Steps {
  for (const resv of list) yield* dma_resv_unlock(resv)
}

/**
 * drivers/gpu/drm/ttm/ttm_execbuf_util.c:ttm_eu_reserve_buffers. Locks all reservations of the list, in whatever order
 * it is; when it has to back off it drops all, waits for the one in its way, and takes that first.
 */
export function* ttm_eu_reserve_buffers(list: readonly DmaResv[]): Steps<WwAcquireCtx> {
  const ticket = yield* ww_acquire_init()
  let order = list
  let locked = yield* lock_from(order, 0, ticket)
  while (locked < order.length) {
    const contended = order[locked]!
    yield* unlock_all(order.slice(0, locked).toReversed())
    yield* dma_resv_lock_slow(contended, ticket)
    order = [contended, ...order.filter((resv) => resv !== contended)]
    locked = yield* lock_from(order, 1, ticket)
  }
  return ticket
}

/** drivers/gpu/drm/ttm/ttm_execbuf_util.c:ttm_eu_backoff_reservation */
export function* ttm_eu_backoff_reservation(ticket: WwAcquireCtx, list: readonly DmaResv[]): Steps {
  yield* unlock_all(list)
  yield* ww_acquire_fini(ticket)
}

/** drivers/gpu/drm/ttm/ttm_execbuf_util.c:ttm_eu_fence_buffer_objects: the work is on its way, and its fence with all. */
export function* ttm_eu_fence_buffer_objects(
  ticket: WwAcquireCtx, list: readonly DmaResv[], fence: DmaFence, usage: DmaResvUsage,
): Steps {
  for (const resv of list) {
    yield* dma_resv_add_fence(resv, fence, usage)
    yield* dma_resv_unlock(resv)
  }
  yield* ww_acquire_fini(ticket)
}
