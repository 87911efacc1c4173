import { amdgpu_2018, amdgpu_cs_ioctl_2018, gpu_run, holds, MADV, race, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'amdgpu-2018-vs-madvise',
  title: 'amdgpu of 2018 holds a lock from start to end of an invalidation, inside of which another one begins',
  seed: 'S4',
  references: ['drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c of 4.17', 'drm/amdgpu: keep the MMU lock until the update ends v4'],
  geometry: { fences: 1, vmas: 3, fairRwsems: true },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.huge(mm)
    return { mm, bo: k.userptr(mm, amdgpu_2018) }
  },
  cpus: {
    'submission, GPU': function* ({ bo }) {
      const fence = yield* amdgpu_cs_ioctl_2018(bo)
      if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('written')
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('zapped')
    },
  },
  sometimes: ['written', 'zapped'],
  variants: {
    fixed: {
      apply: ['amdgpu-2018-count-under-lock', 'amdgpu-2018-count-once'],
      expect: holds,
      because: 'only the first of nested invalidations takes the lock, and pages are looked up when nobody has it',
    },
    '4.17': {
      expect: violates('O11', 'all'),
      because: 'an invalidation that is under way has been counted, and has not cleared the entry yet',
    },
    'counted-again': {
      apply: ['amdgpu-2018-count-under-lock'],
      expect: violates('O11', 'all'),
      because: 'the count that is kept with the pages is younger than they are',
    },
    'no-recursion': {
      apply: ['amdgpu-2018-count-under-lock', 'amdgpu-2018-count-once', 'mutant-mn-lock-without-recursion'],
      expect: violates('deadlock', 'all'),
      because: 'the huge page is split inside of madvise(): the second down_read() waits behind a submission that waits for the first',
    },
  },
})
