import { store, type Steps, xchg } from '../../../../engine/model/step.js'
import type { Page } from '../../../include/page.js'
import { has, kernel } from '../../../kernel.js'
import { folio_trylock, folio_unlock } from '../../../locking/folio_lock.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { spin_lock, spin_unlock } from '../../../locking/spinlock.js'
import { put_user_page } from '../../../mm/gup/put_user_page.js'
import { set_page_dirty } from '../../../mm/page-writeback/set_page_dirty.js'
import { set_page_dirty_lock } from '../../../mm/page-writeback/set_page_dirty_lock.js'
import { mark_page_accessed } from '../../../mm/swap/mark_page_accessed.js'
import { dma_unmap_sgtable } from '../dma_map.js'
import type { Userptr } from '../userptr.js'

/** The GPU may have written to the page. Who calls the notifier may hold its lock. */
export function* dirty_page(page: Page): Steps {
  if (has('cb6d7c7dc7ff')) return yield* set_page_dirty_lock(page)
  if (!has('2d691aeca4ae')) return yield* set_page_dirty(page)
  if (!(yield* folio_trylock(page))) return
  const early = has('mutant-dirty-after-unlock')
  if (early) yield* folio_unlock(page)
  yield* set_page_dirty(page)
  if (!early) yield* folio_unlock(page)
}

/** drivers/gpu/drm/i915/i915_gem_userptr.c:__i915_gem_userptr_set_active (4.16): whether notifiers find the object. */
export function* set_active(bo: Userptr, active: boolean): Steps {
  if (has('i915-unsynchronized')) return
  yield* spin_lock(bo.mn_lock, 'spin_lock(&mn->lock)')
  yield* store(bo.attached, active ? 1 : 0, { label: active ? 'add_object(mo)' : 'del_object(mo)' })
  yield* spin_unlock(bo.mn_lock, 'spin_unlock(&mn->lock)')
}

/** drivers/gpu/drm/i915/i915_gem_userptr.c:i915_gem_userptr_put_pages. */
function* put_pages(bo: Userptr, page: Page): Steps {
  yield* set_active(bo, false)
  yield* dma_unmap_sgtable(bo)
  if (!has('dirty-before-idle')) yield* dirty_page(page)
  yield* mark_page_accessed(page)
  yield* put_user_page(page)
}

/** drivers/gpu/drm/i915/i915_gem.c:__i915_gem_object_put_pages */
export function* __i915_gem_object_put_pages(bo: Userptr): Steps {
  yield* mutex_lock(bo.mm_lock, 'mutex_lock(&obj->mm.lock)')
  const pfn = yield* xchg(bo.page, 0, { label: 'fetch_and_zero(&obj->mm.pages)' })
  if (pfn) yield* put_pages(bo, kernel().page(pfn - 1))
  yield* mutex_unlock(bo.mm_lock, 'mutex_unlock(&obj->mm.lock)')
}
