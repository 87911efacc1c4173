import { amdgpu, amdgpu_cs_ioctl, gpu_run, holds, race, reach, sys_munmap, violates } from 'mmrace'

export default race({
  name: 'amdgpu-userptr-unregistered',
  title: 'user space asks amdgpu not to register a notifier, and the driver holds no references any more',
  seed: 'S4',
  references: ['b39df63b16b6 drm/amdgpu: always register an MMU notifier for userptr'],
  geometry: { userptrs: 1, fences: 1 },
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
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
  },
  sometimes: ['written', 'unmapped'],
  variants: {
    fixed: { expect: holds, because: 'the callback waits for the work that uses the page' },
    bug: {
      revert: ['b39df63b16b6'],
      expect: violates('O2', 'all'),
      because: 'nobody waits for the GPU, and with hmm_range_fault() nothing keeps the page either',
    },
  },
})
