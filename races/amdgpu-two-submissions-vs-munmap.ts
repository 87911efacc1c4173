import { amdgpu, amdgpu_cs_ioctl, holds, race, violates } from 'mmrace'
import { submission, userptrVsMunmap } from './scenes/userptr.js'

const munmapped = userptrVsMunmap(amdgpu, amdgpu_cs_ioctl)

export default race({
  ...munmapped,
  name: 'amdgpu-two-submissions-vs-munmap',
  title: 'two submissions look up the same user memory: which of them sees that it has changed?',
  seed: 'S4',
  bug: 'I2',
  references: ['4458da0bb09d drm/amdgpu: fix userptr HMM range handling v2'],
  geometry: { fences: 2 },
  cpus: { ...munmapped.cpus, 'submission 2': (env) => submission(amdgpu_cs_ioctl, env) },
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
