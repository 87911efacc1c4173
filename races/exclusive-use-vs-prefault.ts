import { holds, race, reach, ttm_bo_evict, user_write, violates } from 'mmrace'

export default race({
  name: 'exclusive-use-vs-prefault',
  title: 'a fault maps the next pages of an object, too: is the kernel alone with them?',
  seed: 'S0',
  question: 'Q6',
  references: ['drivers/gpu/drm/ttm/ttm_bo_vm.c:ttm_bo_vm_fault_reserved, TTM_BO_VM_NUM_PREFAULT'],
  tlb: true,
  geometry: { files: 1, pages: 4, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    const bo = k.bufferObject(k.driverPages(2), 2)
    k.mapObject(mm, bo, 2)
    return { mm, bo, to: k.driverPages(2) }
  },
  cpus: {
    driver: function* ({ bo, to }) {
      yield* ttm_bo_evict(bo, to)
      yield* reach('used alone')
    },
    user: function* ({ mm }) {
      if (!(yield* user_write(mm, 0, 1))) return
      yield* user_write(mm, 1, 2)
      yield* reach('written')
    },
  },
  sometimes: ['used alone', 'written'],
  variants: {
    fixed: { expect: holds, because: 'all entries are made under the lock of the object, and all are taken away' },
    bug: {
      apply: ['mutant-prefault-unlocked'],
      expect: violates('O2', 'all'),
      because: 'the second page is mapped when the object has moved',
    },
    'unmapped-first': {
      apply: ['mutant-unmap-before-reserve'],
      expect: violates('O2', 'all'),
      because: 'until the lock is held, a fault maps the pages again',
    },
  },
})
