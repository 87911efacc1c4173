import { amdgpu, amdgpu_cs_ioctl, gpu_run, holds, MADV, race, reach, reclaim_folio, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'memory-under-notifier-lock',
  title: 'memory allocated with a lock held that a notifier takes: is GFP_NOIO enough?',
  seed: 'S4',
  question: 'Q25',
  references: ['mm/page_alloc.c:fs_reclaim_acquire', 'drivers/gpu/drm/amd/amdgpu/amdgpu_cs.c:amdgpu_cs_submit'],
  geometry: { fences: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    k.call(sys_madvise(mm, 0, 1, MADV.FREE))
    const page = k.pageAt(mm, 0)
    k.shortage([page])
    return { bo: k.userptr(mm, amdgpu), page }
  },
  cpus: {
    'submission, GPU': function* ({ bo }) {
      const fence = yield* amdgpu_cs_ioctl(bo)
      if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('submitted')
    },
    kswapd: function* ({ page }) {
      if (yield* reclaim_folio(page)) yield* reach('reclaimed')
    },
  },
  sometimes: ['submitted', 'reclaimed'],
  oracles: ['O12'],
  variants: {
    fixed: { expect: holds, because: 'what is needed under the lock is allocated before' },
    GFP_KERNEL: {
      apply: ['gfp-kernel-under-notifier-lock'],
      expect: violates('O12', 'all'),
      because: 'direct reclaim unmaps a page, and its notifier waits for the lock',
    },
    GFP_NOIO: {
      apply: ['gfp-noio-under-notifier-lock'],
      expect: violates('O12', 'all'),
      because: 'reclaim without IO unmaps pages as well: the notifier map is taken by every allocation that may reclaim',
    },
    GFP_NORETRY: {
      apply: ['gfp-noretry-under-notifier-lock'],
      expect: violates('O12', 'all'),
      because: 'it gives up early, but not before it has reclaimed',
    },
    GFP_NOWAIT: { apply: ['gfp-nowait-under-notifier-lock'], expect: holds, because: 'it does not reclaim' },
    noreclaim: { apply: ['noreclaim-under-notifier-lock'], expect: holds, because: 'PF_MEMALLOC keeps the thread from reclaiming' },
  },
})
