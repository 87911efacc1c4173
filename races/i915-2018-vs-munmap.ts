import {
  byKernel, gpu_run, holds, i915_2018, i915_gem_execbuffer_2018, race, reach, rogue_command, sys_munmap, violates, worker_thread,
} from 'mmrace'
import { withFastGup, withFastGupSince612 } from './scenes/profiles.js'

export default race({
  name: 'i915-2018-vs-munmap',
  title: 'a notifier leaves the unmapping to a worker, and waits for it at its end: is the device quiet then?',
  seed: 'S4',
  question: 'Q22',
  references: ['drivers/gpu/drm/i915/i915_gem_userptr.c of 4.16'],
  geometry: { fences: 1, workers: 2 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, bo: k.userptr(mm, i915_2018) }
  },
  cpus: {
    'exec, GPU': function* ({ bo }) {
      const fence = yield* i915_gem_execbuffer_2018(bo)
      if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('written')
      yield* rogue_command(bo, 3)
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 0, 1)
      yield* reach('unmapped')
    },
    worker: worker_thread,
    'worker 2': worker_thread,
  },
  sometimes: ['written', 'unmapped'],
  variants: {
    fixed: {
      apply: ['i915-active-first', 'i915-sequence-count', 'rogue-device'],
      expect: holds,
      because: 'no page that was looked up before comes in behind the flush, and the IOMMU has forgotten the page when that is done',
    },
    '2018': {
      expect: violates('O11', 'all'),
      because: 'the object is made known after its page was looked up: an invalidation in between is missed',
    },
    '4.9': {
      apply: ['i915-active-first'],
      expect: byKernel({ '6.1': violates('O11', withFastGup), '6.12': violates('O11', withFastGupSince612) }),
      because: 'GUP-fast still finds the page when the notifier has returned; with the mmap_lock held it could not',
    },
    'no-flush': {
      apply: ['i915-active-first', 'i915-sequence-count', 'mutant-userptr-no-flush'],
      expect: violates('O11', 'all'),
      because: 'the notifier has returned, and the worker has not begun',
    },
    unsynchronized: {
      apply: ['i915-unsynchronized'],
      expect: violates('O11', 'all'),
      because: 'nobody tells the driver; that the memory is not free is due to its reference alone',
    },
    'lock-order': {
      apply: ['i915-active-first', 'i915-sequence-count', 'i915-request-under-struct-mutex'],
      expect: violates('O12', 'all'),
      because: 'the worker wants struct_mutex; who has that allocates, reclaim waits for notifiers, and they for the worker',
    },
  },
})
