import { load, type Steps, store } from '../../../../engine/model/step.js'
import { has } from '../../../kernel.js'
import { mmu_interval_read_retry } from '../../../mm/mmu_interval_notifier.js'
import { hmm_get_user_pages, type HmmPages } from '../hmm_get_pages.js'
import type { Userptr } from '../userptr.js'

/**
 * drivers/gpu/drm/amd/amdgpu/amdgpu_ttm.c:amdgpu_ttm_tt_get_user_pages. Until 4458da0bb09d the range was kept in the object,
 * which fails while somebody else has one there, but is not locked. Undefined: no pages.
 */
export function* amdgpu_ttm_tt_get_user_pages(bo: Userptr): Steps<HmmPages | undefined> {
  if (has('4458da0bb09d')) return yield* hmm_get_user_pages(bo)
  if (yield* load(bo.notifier_seq, { label: 'gtt->range' })) return undefined
  const found = yield* hmm_get_user_pages(bo)
  if (found) yield* store(bo.notifier_seq, found.seq, { label: 'gtt->range = range' })
  return found
}

/** Until 4458da0bb09d: asks for the range that is in the object now. None (with a warning) was taken for unchanged pages. */
function* range_of_object_done(bo: Userptr): Steps<boolean> {
  const seq = yield* load(bo.notifier_seq, { label: 'gtt->range' })
  if (!seq) return true
  const retry = yield* mmu_interval_read_retry(bo.notifier, seq)
  yield* store(bo.notifier_seq, 0, { label: 'gtt->range = NULL' })
  return !retry
}

/** amdgpu_ttm.c:amdgpu_ttm_tt_get_user_pages_done. False: the pages are not these any more. */
export function* amdgpu_ttm_tt_get_user_pages_done(bo: Userptr, range: HmmPages): Steps<boolean> {
  if (!has('4458da0bb09d')) return yield* range_of_object_done(bo)
  return !(yield* mmu_interval_read_retry(bo.notifier, range.seq))
}
