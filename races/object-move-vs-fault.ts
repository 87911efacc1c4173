import { dma_fence_alloc, gpu_copies, holds, race, reach, ttm_bo_move_accel, user_write, violates } from 'mmrace'

export default race({
  name: 'object-move-vs-fault',
  title: 'the GPU moves an object while a program writes to it',
  seed: 'S0',
  references: ['drivers/gpu/drm/ttm/ttm_bo_vm.c:ttm_bo_vm_fault_idle', 'drivers/gpu/drm/ttm/ttm_bo_util.c:ttm_bo_move_accel_cleanup'],
  geometry: { files: 1, pages: 2, fences: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.bufferObject(k.driverPage())
    k.mapObject(mm, bo)
    k.write(mm, 0, 0)
    return { mm, bo, to: k.driverPage(), fence: k.call(dma_fence_alloc()) }
  },
  cpus: {
    driver: function* ({ bo, to, fence }) {
      yield* ttm_bo_move_accel(bo, to, fence)
      yield* reach('moved')
    },
    GPU: function* ({ bo, fence }) {
      yield* gpu_copies(bo, fence)
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['moved', 'written'],
  oracles: ['O2', 'O6', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'a fault waits for the fence of the move, and so does who frees the old page' },
    bug: {
      apply: ['mutant-fault-ignores-moves'],
      expect: violates('O6', 'all'),
      because: 'the copy comes after the write, and undoes it',
    },
    'ghost-does-not-wait': {
      apply: ['mutant-ghost-does-not-wait'],
      expect: violates('O2', 'all'),
      because: 'the GPU copies from a page that somebody else has',
    },
  },
})
