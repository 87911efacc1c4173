import { holds, race, reach, ttm_bo_evict, user_write, violates } from 'mmrace'

export default race({
  name: 'exclusive-use-vs-fault',
  title: 'lock, unmap_mapping_range(), use: is the kernel alone with the pages of an object?',
  seed: 'S0',
  question: 'Q6',
  references: ['drivers/gpu/drm/ttm/ttm_bo_vm.c:ttm_bo_vm_reserve'],
  tlb: true,
  geometry: { files: 1, pages: 2, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.bufferObject(k.driverPage())
    k.mapObject(mm, bo)
    return { mm, bo, to: k.driverPage() }
  },
  cpus: {
    driver: function* ({ bo, to }) {
      yield* ttm_bo_evict(bo, to)
      yield* reach('used alone')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['used alone', 'written'],
  variants: {
    fixed: { expect: holds, because: 'the fault handler puts the page into the tables under the same lock' },
    bug: {
      apply: ['mutant-fault-unlocks-early'],
      expect: violates('O2', 'all'),
      because: 'what the handler has seen under the lock is over when it maps the page',
    },
    'unmapped-first': {
      apply: ['mutant-unmap-before-reserve'],
      expect: violates('O2', 'all'),
      because: 'until the lock is held, a fault maps the page again',
    },
  },
})
