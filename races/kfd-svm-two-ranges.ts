import { holds, kfd_first_map, kfd_svm, MADV, queue_store, race, reach, sys_madvise, violates } from 'mmrace'

export default race({
  name: 'kfd-svm-two-ranges',
  title: 'two ranges of memory shared with a GPU are evicted at once: the first stops the queues, the second counts and returns',
  seed: 'S4',
  question: 'Q21',
  references: ['drivers/gpu/drm/amd/amdkfd/kfd_svm.c:svm_range_evict of 6.1, 6.12 and 7.3', 'f95f51a4c335: the same of userptrs, which was a bug'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0, 1] })
    const process = k.kfd()
    const [, bo] = [0, 1].map((address) => k.userptr(mm, kfd_svm(process), address))
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
    GPU: function* ({ process, bo }) {
      if (yield* queue_store(process, bo, 2)) yield* reach('written')
    },
  },
  sometimes: ['zapped', 'written'],
  variants: {
    fixed: { apply: ['kfd-svm-evict-lock'], expect: holds, because: 'the second waits for the mutex until the queues are stopped' },
    bug: {
      expect: violates('O11', 'all'),
      because: 'as released: each range has a lock of its own, and who counts second relies on a stop that may not have happened yet',
    },
    unlocked: {
      apply: ['kfd-svm-evict-lock', 'mutant-kfd-svm-stops-unlocked'],
      expect: violates('O11', 'all'),
      because: 'the mutex is only there for the count',
    },
    xnack: { apply: ['kfd-xnack'], expect: holds, because: 'the GPU can take a fault: each range is taken out of its tables, under the lock of the range' },
  },
})
