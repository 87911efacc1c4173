import { atomic, load, type Step, type Steps, store } from '../../../engine/model/step.js'
import type { DmaFence } from '../../include/dma_fence.js'
import type { DmaResv, DmaResvUsage } from '../../include/dma_resv.js'
import type { WwAcquireCtx } from '../../include/ww_mutex.js'
import { has, kernel } from '../../kernel.js'
import { TooSmall } from '../../too_small.js'
import { ww_mutex_lock, ww_mutex_lock_single, ww_mutex_lock_slow, ww_mutex_trylock, ww_mutex_unlock } from '../../locking/ww_mutex.js'
import { dma_fence_is_signaled, dma_fence_wait } from './dma_fence.js'

/* include/linux/dma-resv.h: reservations, which are ww_mutexes with a list of fences. */

/** With a ticket: 0, -EALREADY, or -EDEADLK, after which all that is held has to be dropped. */
export const dma_resv_lock = (obj: DmaResv, ticket: WwAcquireCtx): Step<number> =>
  ww_mutex_lock(obj.lock, ticket, 'dma_resv_lock(resv, ticket)')

export const dma_resv_lock_slow = (obj: DmaResv, ticket: WwAcquireCtx): Step<void> =>
  ww_mutex_lock_slow(obj.lock, ticket, 'dma_resv_lock_slow(resv, ticket)')

/** Without a ticket: it waits, and the caller must not hold another reservation. */
export const dma_resv_lock_single = (obj: DmaResv): Steps => ww_mutex_lock_single(obj.lock, 'dma_resv_lock(resv, NULL)')

export const dma_resv_trylock = (obj: DmaResv): Steps<boolean> => ww_mutex_trylock(obj.lock, 'dma_resv_trylock(resv)')

export const dma_resv_unlock = (obj: DmaResv): Step<void> => ww_mutex_unlock(obj.lock, 'dma_resv_unlock(resv)')

/** drivers/dma-buf/dma-resv.c:dma_resv_add_fence, under the lock. It takes the place of one that is signalled. */
export function* dma_resv_add_fence(obj: DmaResv, fence: DmaFence, usage: DmaResvUsage): Steps {
  yield* has('fine-fence-list') ? add_fence_by_steps(obj, fence, usage) : add_fence(obj, fence, usage)
}

/** What those see who wait without the lock. */
function* add_fence_by_steps(obj: DmaResv, fence: DmaFence, usage: DmaResvUsage): Steps {
  for (const [index, slot] of obj.fences.entries()) {
    const old = kernel().fences.at((yield* load(slot, { label: `fences[${index}]` })) >>> 2)
    if (old && !(yield* dma_fence_is_signaled(old))) continue
    return yield* store(slot, fence.ref * 4 + usage, { label: 'dma_resv_list_set(fences, fence)', order: 'release' })
  }
  throw new TooSmall('fences')
}

const add_fence = (obj: DmaResv, fence: DmaFence, usage: DmaResvUsage): Step<void> =>
  atomic('dma_resv_add_fence(resv, fence)', (m) => {
    const slot = obj.fences.find((cell) => {
      const old = kernel().fences.at(m.get(cell) >>> 2)
      return !old || m.get(old.signaled) !== 0
    })
    if (slot === undefined) throw new TooSmall('fences')
    m.set(slot, fence.ref * 4 + usage)
  }, { order: 'release' })

/** drivers/dma-buf/dma-resv.c:dma_resv_for_each_fence_unlocked, one element: a fence of the usages asked for, not signalled yet. */
function* unsignaled(obj: DmaResv, index: number, usage: DmaResvUsage): Steps<DmaFence | undefined> {
  const entry = yield* load(obj.fences[index]!, { label: `fences[${index}]`, order: 'acquire' })
  const fence = kernel().fences.at(entry >>> 2)
  return fence && (entry & 3) <= usage && !(yield* dma_fence_is_signaled(fence)) ? fence : undefined
}

/** drivers/dma-buf/dma-resv.c:dma_resv_wait_timeout, without a timeout. The caller need not hold the lock. */
export function* dma_resv_wait_timeout(obj: DmaResv, usage: DmaResvUsage): Steps {
  for (const index of obj.fences.keys()) {
    const fence = yield* unsignaled(obj, index, usage)
    if (fence) yield* dma_fence_wait(fence)
  }
}

/** drivers/dma-buf/dma-resv.c:dma_resv_test_signaled */
export function* dma_resv_test_signaled(obj: DmaResv, usage: DmaResvUsage): Steps<boolean> {
  for (const index of obj.fences.keys()) if (yield* unsignaled(obj, index, usage)) return false
  return true
}
