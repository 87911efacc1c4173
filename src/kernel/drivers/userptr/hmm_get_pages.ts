import type { Steps } from '../../../engine/model/step.js'
import { EBUSY } from '../../include/errno.js'
import type { Page } from '../../include/page.js'
import { kernel } from '../../kernel.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { mmget_not_zero } from '../../mm/fork/mm_count.js'
import { mmput } from '../../mm/fork/mmput.js'
import { hmm_pfn_to_pfn, hmm_range_fault } from '../../mm/hmm.js'
import { mmu_interval_read_begin } from '../../mm/mmu_interval_notifier.js'
import type { Userptr } from './userptr.js'

/** What hmm_range_fault() found, without a reference, and the sequence to compare later (struct hmm_range). */
export interface HmmPages {
  readonly page: Page
  readonly seq: number
}

function* try_get_pages(bo: Userptr): Steps<HmmPages | number> {
  const { notifier, mm, address } = bo
  const seq = yield* mmu_interval_read_begin(notifier, mm!)
  const found = yield* hmm_range_fault(mm!, { notifier, notifier_seq: seq, start: address, end: address + 1, fault: true, write: true, owner: bo })
  return typeof found === 'number' ? found : { page: kernel().page(hmm_pfn_to_pfn(found[0]!)), seq }
}

/** drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c:amdgpu_hmm_range_get_pages, with the mmap_lock held. Undefined: there is no memory. */
export function* hmm_range_get_pages(bo: Userptr): Steps<HmmPages | undefined> {
  for (;;) {
    const found = yield* try_get_pages(bo)
    if (typeof found !== 'number') return found
    if (found !== -EBUSY) return undefined
  }
}

/** drivers/gpu/drm/amd/amdgpu/amdgpu_ttm.c:amdgpu_ttm_tt_get_user_pages, and what xe_hmm_userptr_populate_range() begins with. */
export function* hmm_get_user_pages(bo: Userptr): Steps<HmmPages | undefined> {
  const mm = bo.mm!
  if (!(yield* mmget_not_zero(mm))) return undefined
  yield* mmap_read_lock(mm)
  const found = yield* hmm_range_get_pages(bo)
  yield* mmap_read_unlock(mm)
  yield* mmput(mm)
  return found
}
