import type { Patch } from '../patches.js'

/** Patches about the order of locks, reclaim among them. */
export const lockPatches: readonly Patch[] = [
  {
    id: '4458da0bb09d', title: 'drm/amdgpu: fix userptr HMM range handling v2', version: '6.1', state: 'merged',
    changes: 'amdgpu looks user memory up before it takes reservations, not with them held',
  },
  {
    id: 'mutant-retry-keeps-reservations', title: 'a submission that is tried again keeps its reservations', version: '6.1', state: 'mutation',
    changes: 'amdgpu_cs_ioctl() looks user memory up again, when it has changed, before it drops what it has reserved',
  },
]
