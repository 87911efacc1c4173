import { amdgpu, amdgpu_cs_ioctl, holds, race, violates } from 'mmrace'
import { userptrVsMunmap } from './scenes/userptr.js'

export default race({
  ...userptrVsMunmap(amdgpu, amdgpu_cs_ioctl),
  name: 'amdgpu-userptr-unregistered',
  title: 'user space asks amdgpu not to register a notifier, and the driver holds no references any more',
  seed: 'S4',
  references: ['b39df63b16b6 drm/amdgpu: always register an MMU notifier for userptr'],
  variants: {
    fixed: { expect: holds, because: 'the callback waits for the work that uses the page' },
    bug: {
      revert: ['b39df63b16b6'],
      expect: violates('O2', 'all'),
      because: 'nobody waits for the GPU, and with hmm_range_fault() nothing keeps the page either',
    },
  },
})
