import { amdgpu, amdgpu_cs_ioctl, gpu_run, holds, race, reach, sys_munmap, violates } from 'mmrace'

export default race({
  name: 'amdgpu-two-submissions-vs-munmap',
  title: 'two submissions look up the same user memory: which of them sees that it has changed?',
  seed: 'S4',
  bug: 'I2',
  references: ['4458da0bb09d drm/amdgpu: fix userptr HMM range handling v2'],
  geometry: { userptrs: 1, fences: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, bo: k.userptr(mm, amdgpu) }
  },
  cpus: {
    'submission, GPU': function* ({ bo }) {
      const fence = yield* amdgpu_cs_ioctl(bo)
      if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('written')
    },
    'submission 2': function* ({ bo }) {
      const fence = yield* amdgpu_cs_ioctl(bo)
      if (fence) yield* gpu_run(bo, fence, 3)
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
  },
  sometimes: ['written', 'unmapped'],
  variants: {
    fixed: { expect: holds, because: 'each asks for the sequence that was there when it looked its pages up' },
    bug: {
      revert: ['4458da0bb09d'],
      expect: violates('O11', 'all'),
      because: 'the first that is done takes the range away, and the other takes that for pages that have not changed',
    },
    'no-retry': {
      apply: ['userptr-no-retry'],
      expect: violates('O11', 'all'),
      because: 'the page was looked up before the callback, and the work is published after it',
    },
  },
})
