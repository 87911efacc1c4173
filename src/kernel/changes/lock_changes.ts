import type { Change } from './change.js'

/** Changes about the order of locks, reclaim among them. */
export const lockChanges: readonly Change[] = [
  {
    id: '4458da0bb09d', title: 'drm/amdgpu: fix userptr HMM range handling v2', version: '6.1', since: '6.1',
    changes: 'what amdgpu asks later, whether user memory has changed, belongs to a submission, not to the object',
  },
  {
    id: 'user-pages-under-reservation', title: 'amdgpu looks user memory up with its reservations held', version: '6.1',
    changes: 'amdgpu_ttm_tt_get_user_pages() comes after ttm_eu_reserve_buffers(), not before it',
  },
  {
    id: 'mutant-retry-keeps-reservations', title: 'a submission that is tried again keeps its reservations', version: '6.1', mutation: true,
    changes: 'amdgpu_cs_ioctl() looks user memory up again, when it has changed, before it drops what it has reserved',
  },
  {
    id: 'mutant-job-allocates', title: 'work that others wait for waits for memory', version: '6.1', mutation: true,
    changes: 'amdgpu_job_run() allocates the fence of the hardware with GFP_KERNEL, not with GFP_ATOMIC',
  },
  {
    id: 'mutant-job-reserves', title: 'work that others wait for takes a reservation', version: '6.1', mutation: true,
    changes: 'amdgpu_job_run() takes the reservation of an object of the job',
  },
  {
    id: 'i915-request-under-struct-mutex', title: 'i915 allocates requests with struct_mutex held', version: '4.16',
    changes: 'i915_gem_execbuffer_2018() allocates its fence under struct_mutex, as 4.16 did, not before',
  },
  {
    id: 'mutant-shrinker-waits', title: 'the shrinker of i915 waits for struct_mutex', version: '4.16', mutation: true,
    changes: 'shrinker_lock() takes the mutex, where it should ask whether the thread has it, and try',
  },
  ...([
    ['gfp-kernel', 'GFP_KERNEL'], ['gfp-noio', 'GFP_NOIO'], ['gfp-noretry', 'GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN'],
    ['gfp-nowait', 'GFP_NOWAIT'], ['noreclaim', 'GFP_KERNEL, inside memalloc_noreclaim_save()'],
  ] as const).map(([id, gfp]): Change => ({
    id: `${id}-under-notifier-lock`, title: `amdgpu allocates with the notifier lock held: ${gfp}`, version: '6.1',
    changes: `amdgpu_cs_submit() allocates memory between the lock and the fence, with ${gfp}`,
  })),
]
