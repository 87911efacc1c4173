import { do_exit, gpu_run, holds, i915, i915_gem_do_execbuffer, race, reach, violates } from 'mmrace'

export default race({
  name: 'i915-userptr-vs-exit',
  title: 'a process exits while i915 works on its memory: the notifier does not wait then',
  seed: 'S4',
  references: ['drivers/gpu/drm/i915/gem/i915_gem_userptr.c:i915_gem_userptr_invalidate'],
  geometry: { fences: 1 },
  setup: (k) => {
    const mm = k.mm('exit')
    k.anon(mm, { pages: 1 })
    const bo = k.userptr(mm, i915)
    return { mm, bo, fence: k.call(i915_gem_do_execbuffer(bo))! }
  },
  cpus: {
    exit: function* ({ mm }) {
      yield* do_exit(mm)
      yield* reach('gone')
    },
    GPU: function* ({ bo, fence }) {
      if (yield* gpu_run(bo, fence, 2)) yield* reach('written')
    },
  },
  sometimes: ['gone', 'written'],
  oracles: ['O2', 'O11', 'O12', 'O13'],
  variants: {
    fixed: { revert: ['i915-userptr-nowait'], apply: ['i915-waits-at-exit'], expect: holds, because: 'the GPU is idle when the address space goes' },
    '6.1': {
      expect: violates('O11', 'all'),
      because: 'the GPU goes on after the process; that the page is not free yet is due to the pin alone',
    },
  },
})
