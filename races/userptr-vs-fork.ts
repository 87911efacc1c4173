import { amdgpu, amdgpu_cs_ioctl, dup_mm, holds, race, reach, user_write, violates } from 'mmrace'
import { submission } from './scenes/userptr.js'

export default race({
  name: 'userptr-vs-fork',
  title: 'a GPU writes to memory of a process that forks to run a command',
  seed: 'S4',
  question: 'Q21',
  references: ['drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c:amdgpu_mn_invalidate_gfx', 'mm/memory.c:copy_page_range'],
  geometry: { fences: 1, mms: 2, vmas: 2, anonVmas: 2, anonVmaChains: 3, tables: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, bo: k.userptr(mm, amdgpu) }
  },
  cpus: {
    'submission, GPU': (env) => submission(amdgpu_cs_ioctl, env),
    fork: function* ({ mm }) {
      yield* dup_mm(mm)
      yield* user_write(mm, 0, 1)
      yield* reach('forked')
    },
  },
  maybe: ['unmapped'],
  sometimes: ['written', 'forked'],
  variants: {
    fixed: { expect: holds, because: 'the sequence is looked at again under the lock that the callback takes' },
    bug: {
      apply: ['userptr-no-retry'],
      expect: violates('O11', 'all'),
      because: 'the GPU writes to the page that the child shares now, and that the parent has left',
    },
    'without-lock': {
      apply: ['mutant-publish-unlocked'],
      expect: violates('O11', 'all'),
      because: 'the callback comes after the look at the sequence, and finds no fence to wait for yet',
    },
  },
})
