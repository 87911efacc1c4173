import {
  balance_pgdat, gpu_run, holds, i915_2018, i915_gem_execbuffer_2018, i915_gem_shrinker, race, reach, violates, worker_thread,
} from 'mmrace'

export default race({
  name: 'shrinker-recursion',
  title: 'a driver allocates with its mutex held, and reclaim calls the driver\'s shrinker',
  seed: 'S4',
  references: ['drivers/gpu/drm/i915/i915_gem_shrinker.c:shrinker_lock of 4.16'],
  geometry: { fences: 1, workers: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const bo = k.userptr(mm, i915_2018)
    k.shrinker(i915_gem_shrinker(bo))
    return { bo }
  },
  cpus: {
    'exec, GPU': function* ({ bo }) {
      const fence = yield* i915_gem_execbuffer_2018(bo)
      if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('written')
    },
    kswapd: function* () {
      yield* balance_pgdat()
      yield* reach('reclaimed')
    },
    worker: worker_thread,
  },
  sometimes: ['written', 'reclaimed'],
  oracles: ['O12'],
  variants: {
    fixed: {
      apply: ['i915-request-under-struct-mutex'],
      expect: holds,
      because: 'the shrinker only tries the mutex, and knows when the thread has it already',
    },
    bug: {
      apply: ['i915-request-under-struct-mutex', 'mutant-shrinker-waits'],
      expect: violates('O12', 'all'),
      because: 'the thread waits for the mutex that it has',
    },
    'allocated-before': {
      apply: ['mutant-shrinker-waits'],
      expect: holds,
      because: 'nobody who has the mutex allocates: then the shrinker may wait for it',
    },
  },
})
