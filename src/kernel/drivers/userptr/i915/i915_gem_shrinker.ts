import { holding } from '../../../../engine/model/lock.js'
import { load, type Steps, store } from '../../../../engine/model/step.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import { has } from '../../../kernel.js'
import { mutex_lock, mutex_trylock, mutex_unlock } from '../../../locking/mutex.js'
import type { Shrinker } from '../../../mm/vmscan/shrinker.js'
import { dma_resv_test_signaled } from '../../dma_buf/dma_resv.js'
import type { Userptr } from '../userptr.js'
import { __i915_gem_object_put_pages } from './userptr_put_pages.js'

const LABEL = 'mutex_trylock_recursive(&dev->struct_mutex)'

/**
 * drivers/gpu/drm/i915/i915_gem_shrinker.c:shrinker_lock (4.16). The thread that reclaims may have the mutex: it asks who
 * owns it before it tries.
 */
export function* shrinker_lock(bo: Userptr): Steps<'locked' | 'had it' | 'busy'> {
  if (has('mutant-shrinker-waits')) {
    yield* mutex_lock(bo.struct_mutex, 'mutex_lock(&dev->struct_mutex)')
    return 'locked'
  }
  if (yield* holding(bo.struct_mutex)) return 'had it'
  return (yield* mutex_trylock(bo.struct_mutex, LABEL)) ? 'locked' : 'busy'
}

/** drivers/gpu/drm/i915/i915_gem_shrinker.c:i915_gem_shrink, of one object that nobody uses: it is unbound, and its page let go. */
export function* i915_gem_shrink(bo: Userptr): Steps {
  const idle = yield* dma_resv_test_signaled(bo.resv, DMA_RESV_USAGE.BOOKKEEP)
  if (!idle || !(yield* load(bo.page, { label: 'obj->mm.pages' }))) return
  yield* store(bo.gpu_pte, 0, { label: 'i915_gem_object_unbind(obj)' })
  yield* __i915_gem_object_put_pages(bo)
}

function* i915_gem_shrinker_scan(bo: Userptr): Steps {
  const lock = yield* shrinker_lock(bo)
  // What the thread itself works on is pinned, and here there is only one object.
  if (lock !== 'locked') return
  yield* i915_gem_shrink(bo)
  yield* mutex_unlock(bo.struct_mutex, 'mutex_unlock(&dev->struct_mutex)')
}

/** drivers/gpu/drm/i915/i915_gem_shrinker.c:i915_gem_shrinker_init */
export const i915_gem_shrinker = (bo: Userptr): Shrinker => ({ scan_objects: () => i915_gem_shrinker_scan(bo) })
