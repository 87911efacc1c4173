import { load, type Steps, store } from '../../../../engine/model/step.js'
import type { DmaFence } from '../../../include/dma_fence.js'
import { DMA_RESV_USAGE } from '../../../include/dma_resv.js'
import { FOLL_FAST_ONLY, FOLL_WRITE } from '../../../include/gup_flags.js'
import type { Mm } from '../../../include/mm.js'
import type { Page } from '../../../include/page.js'
import { has } from '../../../kernel.js'
import { mutex_lock, mutex_unlock } from '../../../locking/mutex.js'
import { mmget_not_zero } from '../../../mm/fork/mm_count.js'
import { mmput } from '../../../mm/fork/mmput.js'
import { put_user_page } from '../../../mm/gup/put_user_page.js'
import { spin_lock, spin_unlock } from '../../../locking/spinlock.js'
import { get_user_pages_fast, get_user_pages_unlocked } from '../../../mm/gup/user_pages.js'
import { flush_work, queue_work } from '../../../workqueue/workqueue.js'
import { dma_fence_alloc, dma_fence_put } from '../../dma_buf/dma_fence.js'
import { dma_resv_add_fence } from '../../dma_buf/dma_resv.js'
import { dma_map_sgtable } from '../dma_map.js'
import type { Userptr } from '../userptr.js'
import { set_active } from './userptr_put_pages.js'

/** obj->userptr.work: none, a worker is at it, or it has failed. */
const WORK = { NONE: 0, ACTIVE: 1, FAILED: 2 } as const

/** drivers/gpu/drm/i915/i915_gem_userptr.c:__i915_gem_userptr_alloc_pages, under obj->mm.lock. */
function* alloc_pages(bo: Userptr, page: Page): Steps {
  yield* dma_map_sgtable(bo, page)
  yield* store(bo.page, page.pfn + 1, { label: 'obj->mm.pages = st' })
}

/** Whether the object got the page. */
function* work_done(bo: Userptr, page: Page | undefined): Steps<boolean> {
  if ((yield* load(bo.work, { label: 'obj->userptr.work == &work' })) !== WORK.ACTIVE) return false
  if (page) yield* alloc_pages(bo, page)
  yield* store(bo.work, page ? WORK.NONE : WORK.FAILED, { label: 'obj->userptr.work = ERR_CAST(pages)' })
  if (!page) yield* set_active(bo, false)
  return page !== undefined
}

/** A worker has no address space: it becomes a user of that of the process, if that has any. */
function* look_up_elsewhere(mm: Mm, address: number): Steps<Page | undefined> {
  if (!(yield* mmget_not_zero(mm))) return undefined
  const [page] = yield* get_user_pages_unlocked(mm, address, 1, FOLL_WRITE)
  yield* mmput(mm)
  return page
}

/** drivers/gpu/drm/i915/i915_gem_userptr.c:__i915_gem_userptr_get_pages_worker (4.16). */
export function* get_pages_worker(bo: Userptr): Steps {
  const page = yield* look_up_elsewhere(bo.mm!, bo.address)
  yield* mutex_lock(bo.mm_lock, 'mutex_lock(&obj->mm.lock)')
  const taken = yield* work_done(bo, page)
  yield* mutex_unlock(bo.mm_lock, 'mutex_unlock(&obj->mm.lock)')
  if (page && !taken) yield* put_user_page(page)
}

type Got = 'pages' | 'again' | 'no memory'

/** Whether an invalidation was under way while the page was looked up. */
function* overtaken(bo: Userptr, seq: number): Steps<boolean> {
  if (!has('i915-sequence-count')) return false
  yield* spin_lock(bo.mn_lock, 'spin_lock(&mn->lock)')
  const active = yield* load(bo.invalidating, { label: 'mn->invalidating' })
  const now = yield* load(bo.notifier_seq, { label: 'mn->seq' })
  yield* spin_unlock(bo.mn_lock, 'spin_unlock(&mn->lock)')
  return active > 0 || now !== seq
}

/** A page that was looked up without locks becomes the object's. */
function* use_page(bo: Userptr, page: Page, seq: number): Steps<Got> {
  if (yield* overtaken(bo, seq)) {
    yield* put_user_page(page)
    return 'again'
  }
  yield* alloc_pages(bo, page)
  return 'pages'
}

function* schedule_worker(bo: Userptr): Steps<Got> {
  yield* store(bo.work, WORK.ACTIVE, { label: 'obj->userptr.work = &work' })
  yield* queue_work(bo.get_pages_work)
  return 'again'
}

/** Without locks if that is possible, otherwise by a worker. */
function* look_up(bo: Userptr): Steps<Got> {
  if (has('i915-active-first')) yield* set_active(bo, true)
  const seq = has('i915-sequence-count') ? yield* load(bo.notifier_seq, { label: 'mn->seq' }) : 0
  const [page] = yield* get_user_pages_fast(bo.mm!, bo.address, 1, FOLL_WRITE | FOLL_FAST_ONLY)
  const got = page ? yield* use_page(bo, page, seq) : yield* schedule_worker(bo)
  if (!has('i915-active-first')) yield* set_active(bo, true)
  return got
}

/** drivers/gpu/drm/i915/i915_gem_userptr.c:i915_gem_userptr_get_pages (4.16), under obj->mm.lock. */
function* get_pages(bo: Userptr): Steps<Got> {
  if (yield* load(bo.page, { label: 'obj->mm.pages' })) return 'pages'
  const work = yield* load(bo.work, { label: 'obj->userptr.work' })
  if (work === WORK.ACTIVE) return 'again'
  if (work === WORK.NONE) return yield* look_up(bo)
  yield* store(bo.work, WORK.NONE, { label: 'obj->userptr.work = NULL' })
  return 'no memory'
}

/** Binds the object and publishes work that uses it; under dev->struct_mutex, which keeps cancel_userptr() out. */
function* submit(bo: Userptr, early: DmaFence | undefined): Steps<DmaFence | 'again' | 'no memory'> {
  yield* mutex_lock(bo.mm_lock, 'mutex_lock(&obj->mm.lock)')
  const got = yield* get_pages(bo)
  yield* mutex_unlock(bo.mm_lock, 'mutex_unlock(&obj->mm.lock)')
  if (got !== 'pages') return got
  yield* store(bo.gpu_pte, 1, { label: 'i915_vma_bind(vma)' })
  const fence = early ?? (yield* dma_fence_alloc())
  yield* dma_resv_add_fence(bo.resv, fence, DMA_RESV_USAGE.WRITE)
  return fence
}

/**
 * drivers/gpu/drm/i915/i915_gem_execbuffer.c:i915_gem_do_execbuffer (4.16). Undefined: there is no memory. 4.16 allocates
 * requests with struct_mutex held; what that does to the order of locks is a change here.
 */
export function* i915_gem_execbuffer_2018(bo: Userptr): Steps<DmaFence | undefined> {
  const early = has('i915-request-under-struct-mutex') ? undefined : yield* dma_fence_alloc()
  for (;;) {
    yield* mutex_lock(bo.struct_mutex, 'mutex_lock(&dev->struct_mutex)')
    const result = yield* submit(bo, early)
    yield* mutex_unlock(bo.struct_mutex, 'mutex_unlock(&dev->struct_mutex)')
    if (result === 'no memory' && early) yield* dma_fence_put(early)
    if (result === 'no memory') return undefined
    if (result !== 'again') return result
    yield* flush_work(bo.get_pages_work)
  }
}

/** A first submission with nobody else around, the page looked up by the function of the worker. For set-up. */
export function* i915_first_submission(bo: Userptr): Steps<DmaFence | undefined> {
  yield* store(bo.work, WORK.ACTIVE, { label: 'obj->userptr.work = &work' })
  yield* set_active(bo, true)
  yield* get_pages_worker(bo)
  return yield* i915_gem_execbuffer_2018(bo)
}
