import { amdgpu, amdgpu_cs_ioctl, holds, race, violates } from 'mmrace'
import { rogueGpu, userptrVsMunmap } from './scenes/userptr.js'

const munmapped = userptrVsMunmap(amdgpu, amdgpu_cs_ioctl)

export default race({
  ...munmapped,
  name: 'amdgpu-userptr-vs-munmap',
  title: 'amdgpu leaves the IOMMU mapping when a notifier comes: can commands write to freed memory?',
  seed: 'S4',
  question: 'Q24',
  references: ['drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c:amdgpu_mn_invalidate_gfx', 'ba767b9d01a2'],
  cpus: { ...munmapped.cpus, 'rogue GPU': rogueGpu },
  variants: {
    fixed: { expect: holds, because: 'commands obey the GPU\'s page tables, and the callback has waited for their fences' },
    rogue: {
      apply: ['rogue-device'],
      expect: violates('O11', 'all'),
      because: 'commands that do not ask them find the page still mapped by the IOMMU, also when it is free',
    },
    'without-wait': {
      apply: ['mutant-invalidate-without-wait'],
      expect: violates('O11', 'all'),
      because: 'the GPU is still at work when the callback returns',
    },
    'without-lock': {
      apply: ['mutant-publish-unlocked'],
      expect: violates('O11', 'all'),
      because: 'the callback looks for fences after the look at the sequence and before the fence is there',
    },
    'no-retry': {
      apply: ['userptr-no-retry'],
      expect: violates('O11', 'all'),
      because: 'the page was looked up before the callback, and the work is published after it',
    },
    'keeps-reservations': {
      apply: ['mutant-retry-keeps-reservations'],
      expect: violates('O12', 'all'),
      because: 'the second lookup takes the mmap_lock with reservations held, for which page faults wait with the mmap_lock',
    },
  },
})
