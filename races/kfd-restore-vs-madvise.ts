import { amdgpu_kfd, holds, kfd_first_map, MADV, queue_store, race, reach, sys_madvise, violates, worker_thread } from 'mmrace'

export default race({
  name: 'kfd-restore-vs-madvise',
  title: 'the worker that lets queues of a GPU run again, and memory that is invalidated a second time',
  seed: 'S4',
  references: ['drivers/gpu/drm/amd/amdgpu/amdgpu_amdkfd_gpuvm.c:amdgpu_amdkfd_restore_userptr_worker', 'f95f51a4c335'],
  geometry: { workers: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const process = k.kfd()
    const bo = k.userptr(mm, amdgpu_kfd(process))
    k.call(kfd_first_map(process))
    k.call(sys_madvise(mm, 0, 1, MADV.DONTNEED))
    return { mm, process, bo }
  },
  cpus: {
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('zapped')
    },
    GPU: function* ({ process, bo }) {
      if (yield* queue_store(process, bo, 2)) yield* reach('written')
    },
    worker: worker_thread,
  },
  sometimes: ['zapped', 'written'],
  variants: {
    fixed: { apply: ['f95f51a4c335'], expect: holds, because: 'an eviction that came meanwhile is seen before the queues run' },
    '6.1': { revert: ['f95f51a4c335'], expect: holds, because: 'with one GPU the counts are enough, although nobody holds a lock and the retry is ignored' },
    'resume-unchecked': {
      revert: ['f95f51a4c335'],
      apply: ['mutant-kfd-resume-unchecked'],
      expect: violates('O11', 'all'),
      because: 'the second eviction finds queues stopped by the first, and the worker lets them run with its page',
    },
    'retry-alone': {
      apply: ['f95f51a4c335', 'mutant-kfd-resume-unchecked'],
      expect: holds,
      because: 'the sequence, asked under the lock of the notifiers, says what the counts said',
    },
  },
})
