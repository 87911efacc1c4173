import { amdgpu_kfd, holds, kfd_first_map, MADV, queue_store, race, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'kfd-two-gpus-vs-madvise',
  title: 'two notifiers of a process with two GPUs: the first stops its queues, the second need not',
  seed: 'S4',
  references: ['f95f51a4c335 drm/amdgpu: Add notifier lock for KFD userptrs'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0, 1] })
    const process = k.kfd()
    const [, bo] = [0, 1].map((address) => k.userptr(mm, amdgpu_kfd(process), address))
    k.call(kfd_first_map(process))
    return { mm, process, bo: bo! }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
    },
    'madvise 2': function* ({ mm }) {
      yield* sys_madvise(mm, 1, 1, MADV.DONTNEED)
      yield* reach('zapped')
    },
    'GPU 2': function* ({ process, bo }) {
      if (yield* queue_store(process, bo, 2)) yield* reach('written')
    },
  },
  sometimes: ['zapped', 'written'],
  variants: {
    fixed: { apply: ['f95f51a4c335'], expect: holds, because: 'the second waits for the lock until the queues are stopped' },
    bug: {
      revert: ['f95f51a4c335'],
      expect: violates('O11', 'all'),
      because: 'each GPU has a lock of its own: the second finds the evictions counted, and returns while the first still stops the queues',
    },
    unlocked: {
      apply: ['f95f51a4c335', 'mutant-kfd-quiesce-unlocked'],
      expect: violates('O11', 'all'),
      because: 'the lock of the process is only there for the counts, and given back before the queues are stopped',
    },
  },
})
