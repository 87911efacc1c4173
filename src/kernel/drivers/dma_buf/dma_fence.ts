import { holding, lockdep, type LockRequest } from '../../../engine/model/lock.js'
import { atomic, load, setBits, type Step, type Steps, store, until } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { GFP_KERNEL } from '../../include/gfp.js'
import type { DmaFence } from '../../include/dma_fence.js'
import { has, kernel } from '../../kernel.js'
import { TooSmall } from '../../too_small.js'
import { DMA_FENCE_MAP, lock_map_release, might_lock } from '../../locking/lock-map.js'
import { __alloc_pages_slowpath } from '../../mm/vmscan/alloc_slowpath.js'
import { kmem_cache_alloc, kmem_cache_free } from '../../pool.js'

/** drivers/dma-buf/dma-fence.c:__dma_fence_might_wait. Work for which others wait may wait for other fences. */
export function* __dma_fence_might_wait(): Steps {
  const signalling = yield* holding(DMA_FENCE_MAP)
  if (signalling) yield* lock_map_release(DMA_FENCE_MAP)
  yield* might_lock(DMA_FENCE_MAP)
  if (signalling) yield* dma_fence_begin_signalling()
}

/** drivers/dma-buf/dma-fence.c:dma_fence_begin_signalling: from here on others may wait for what this thread does. */
export const dma_fence_begin_signalling = (): LockRequest =>
  lockdep({ op: 'acquire', lock: DMA_FENCE_MAP, mode: 'read', tries: true })

/** drivers/dma-buf/dma-fence.c:dma_fence_end_signalling */
export const dma_fence_end_signalling = (): LockRequest => lock_map_release(DMA_FENCE_MAP)

/** A fence for new work of a device. */
export function* dma_fence_alloc(): Steps<DmaFence> {
  yield* __alloc_pages_slowpath(GFP_KERNEL)
  const fence = yield* kmem_cache_alloc(kernel().fences)
  if (!fence) throw new TooSmall('fences')
  return fence
}

/** drivers/dma-buf/dma-fence.c:dma_fence_put of a fence that nobody else has seen. */
export const dma_fence_put = (fence: DmaFence): Step => kmem_cache_free(kernel().fences, fence)

const signal_and_wake = (fence: DmaFence): Step<void> =>
  atomic('dma_fence_signal(fence)', (m) => {
    m.set(fence.signaled, 1)
    m.set(fence.cb_list, 0)
  }, { order: 'release' })

/** drivers/dma-buf/dma-fence.c:dma_fence_signal: under the fence's lock, which nobody holds for long, everybody who waits is woken. */
export function* dma_fence_signal(fence: DmaFence): Steps {
  if (!has('fine-fence-signal')) return yield* signal_and_wake(fence)
  yield* store(fence.signaled, 1, { label: 'test_and_set_bit(SIGNALED)', order: 'release' })
  yield* store(fence.cb_list, 0, { label: 'cb->func(fence, cb) of all' })
}

/** include/linux/dma-fence.h:dma_fence_is_signaled */
export function* dma_fence_is_signaled(fence: DmaFence): Steps<boolean> {
  return (yield* load(fence.signaled, { label: 'dma_fence_is_signaled()', order: 'acquire' })) !== 0
}

/** Adds the callback that wakes this CPU, unless there is nothing to wait for: one critical section of fence->lock. */
function* add_callback(fence: DmaFence, bit: number): Steps<boolean> {
  if (has('mutant-fence-callback-unlocked')) {
    if (yield* dma_fence_is_signaled(fence)) return false
    yield* setBits(fence.cb_list, bit, { label: 'list_add(&cb, cb_list)' })
    return true
  }
  return yield* atomic('dma_fence_default_wait()', (m) => {
    if (m.get(fence.signaled)) return false
    m.set(fence.cb_list, m.get(fence.cb_list) | bit)
    return true
  })
}

/** drivers/dma-buf/dma-fence.c:dma_fence_default_wait, without a timeout. */
export function* dma_fence_wait(fence: DmaFence): Steps {
  yield* __dma_fence_might_wait()
  const { bit } = yield* this_cpu()
  if (yield* add_callback(fence, bit)) {
    yield* until(fence.cb_list, (waiters) => (waiters & bit) === 0, { label: 'schedule(): until woken' })
  }
}
