import {
  amdgpu, amdgpu_cs_ioctl, collapse_huge_page, holds, khugepaged_collapse_control, mmap_read_lock, race, reach, violates,
} from 'mmrace'
import { submission } from './scenes/userptr.js'

export default race({
  name: 'userptr-vs-thp-collapse',
  title: 'khugepaged moves memory that a GPU uses into a huge page; nobody in user space asked for it',
  seed: 'S4',
  question: 'Q21',
  references: ['drivers/gpu/drm/amd/amdgpu/amdgpu_mn.c:amdgpu_mn_invalidate_gfx', 'mm/khugepaged.c:collapse_huge_page'],
  geometry: { fences: 1 },
  needs: ['TRANSPARENT_HUGEPAGE'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0, 1], thp: true })
    return { mm, bo: k.userptr(mm, amdgpu) }
  },
  cpus: {
    'submission, GPU': (env) => submission(amdgpu_cs_ioctl, env),
    khugepaged: function* ({ mm }) {
      yield* mmap_read_lock(mm)
      yield* collapse_huge_page(mm, 0, khugepaged_collapse_control)
      yield* reach('collapsed')
    },
  },
  maybe: ['unmapped'],
  sometimes: ['written', 'collapsed'],
  variants: {
    fixed: { expect: holds, because: 'the sequence is looked at again under the lock that the callback takes' },
    bug: {
      apply: ['userptr-no-retry'],
      expect: violates('O11', 'all'),
      because: 'hmm_range_fault() takes no reference that khugepaged could see, and the page is free by now',
    },
    'without-lock': {
      apply: ['mutant-publish-unlocked'],
      expect: violates('O11', 'all'),
      because: 'the callback comes after the look at the sequence, and finds no fence to wait for yet',
    },
  },
})
