import { byKernel, gpu_run, holds, i915, i915_gem_do_execbuffer, race, reach, rogue_command, sys_munmap, violates } from 'mmrace'

export default race({
  name: 'i915-userptr-vs-munmap',
  title: 'i915 pins its pages, and unbinds them when the next submission comes',
  seed: 'S4',
  question: 'Q22',
  references: ['drivers/gpu/drm/i915/gem/i915_gem_userptr.c of 6.1', 'i915_gem_userptr.c:i915_gem_userptr_invalidate of 6.12 and 7.3'],
  geometry: { fences: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, bo: k.userptr(mm, i915) }
  },
  cpus: {
    'exec, GPU': function* ({ bo }) {
      const fence = yield* i915_gem_do_execbuffer(bo)
      if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('written')
      yield* rogue_command(bo, 3)
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
  },
  sometimes: ['written', 'unmapped'],
  variants: {
    fixed: {
      expect: byKernel({ '6.1': holds, '6.12': violates('O11', 'all') }),
      because: 'in 6.1 either the submission sees the new sequence, or the notifier sees its fence and waits',
    },
    nowait: {
      apply: ['i915-userptr-nowait'],
      expect: violates('O11', 'all'),
      because: 'the callback waits for nothing: the GPU writes to a page that is pinned, and user space has another or none there',
    },
    rogue: {
      apply: ['rogue-device'],
      expect: violates('O11', 'all'),
      because: 'the IOMMU still maps the page; that it is not free is due to the pin alone',
    },
    'no-retry': {
      apply: ['userptr-no-retry'],
      expect: violates('O11', 'all'),
      because: 'the page was pinned before the notifier, and the work is published after it',
    },
    'fence-late': {
      apply: ['mutant-look-before-fence'],
      expect: violates('O11', 'all'),
      because: 'the notifier comes after the look at the sequence and before the fence',
    },
  },
})
