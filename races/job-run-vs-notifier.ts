import { amdgpu, amdgpu_cs_ioctl, holds, race, violates } from 'mmrace'
import { userptrVsMunmap } from './scenes/userptr.js'

export default race({
  ...userptrVsMunmap(amdgpu, amdgpu_cs_ioctl),
  name: 'job-run-vs-notifier',
  title: 'what may a job do for whose fence notifiers wait?',
  seed: 'S4',
  references: ['drivers/dma-buf/dma-fence.c:dma_fence_begin_signalling', 'drivers/gpu/drm/amd/amdgpu/amdgpu_job.c:amdgpu_job_run'],
  variants: {
    fixed: { expect: holds, because: 'from the publication of the fence to its signal nothing waits for memory or reservations' },
    allocates: {
      apply: ['mutant-job-allocates'],
      expect: violates('O12', 'all'),
      because: 'reclaim waits for a notifier, and that for the fence of the job',
    },
    reserves: {
      apply: ['mutant-job-reserves'],
      expect: violates('O12', 'all'),
      because: 'who has the reservation waits for the fence, as page faults do',
    },
  },
})
