import {
  amdgpu, amdgpu_cs_ioctl, gpu_run, holds, race, reach, sys_munmap, ttm_eu_backoff_reservation, ttm_eu_reserve_buffers, user_write,
  violates,
} from 'mmrace'

export default race({
  name: 'user-memory-under-reservation',
  title: 'user memory is looked up with reservations held, which page faults wait for',
  seed: 'S4',
  bug: 'I2',
  question: 'Q27',
  references: ['4458da0bb09d drm/amdgpu: fix userptr HMM range handling v2', 'drivers/dma-buf/dma-resv.c:dma_resv_lockdep'],
  geometry: { fences: 1, files: 1, vmas: 3, fairRwsems: true },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { start: 2, pages: 1 })
    const object = k.bufferObject(k.driverPage())
    k.mapObject(mm, object)
    return { mm, object, bo: k.userptr(mm, amdgpu, 2) }
  },
  cpus: {
    'submission, GPU': function* ({ bo, object }) {
      const fence = yield* amdgpu_cs_ioctl(bo, [object.resv])
      if (fence && (yield* gpu_run(bo, fence, 2))) yield* reach('submitted')
    },
    fault: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
    munmap: function* ({ mm }) {
      yield* sys_munmap(mm, 3, 1)
    },
    'other work': function* ({ object }) {
      const ticket = yield* ttm_eu_reserve_buffers([object.resv])
      yield* ttm_eu_backoff_reservation(ticket, [object.resv])
    },
  },
  sometimes: ['submitted', 'written'],
  variants: {
    fixed: { expect: holds, because: 'nobody who has a reservation waits for the mmap_lock' },
    bug: {
      apply: ['user-pages-under-reservation'],
      expect: violates('deadlock', 'all'),
      because: 'a fault that is tried again waits for the reservation, and a writer that waits for the fault is in the way of the lookup',
    },
  },
})
