import {
  type Driver, FOLL_WRITE, get_user_pages_fast, guest_write, holds, kvm_mmu_invalidate_begin, kvm_mmu_invalidate_end, load, locked,
  mmu_invalidate_retry_hva, put_user_page, race, reach, set_spte, spin_lock, spin_unlock, sys_munmap, zap_sptes,
} from 'mmrace'

const driver: Driver = (mmu) => ({
  invalidate_range_start: locked(mmu.mmu_lock, function* ({ start, end }) {
    yield* kvm_mmu_invalidate_begin(mmu, start, end)
    yield* zap_sptes(mmu, start, end)
  }),
  invalidate_range_end: locked(mmu.mmu_lock, () => kvm_mmu_invalidate_end(mmu)),
  *fault(mm, address) {
    const seq = yield* load(mmu.mmu_invalidate_seq)
    const [page] = yield* get_user_pages_fast(mm, address, 1, FOLL_WRITE)
    if (!page) return false
    yield* spin_lock(mmu.mmu_lock)
    const stale = yield* mmu_invalidate_retry_hva(mmu, seq, address)
    if (!stale) yield* set_spte(mmu, address, page, true)
    yield* spin_unlock(mmu.mmu_lock)
    yield* put_user_page(page)
    return true
  },
})

export default race({
  name: 'shadow-mmu',
  title: 'a shadow entry is made while munmap() takes the page away',
  setup: (k) => k.guest({ pages: 1 }, driver),
  cpus: {
    device: function* ({ mm, mmu }) {
      if (yield* guest_write(mmu, mm, 0, 1)) yield* reach('written')
    },
    munmap: ({ mm }) => sys_munmap(mm, 0, 1),
  },
  sometimes: ['written'],
  variants: { fixed: { expect: holds } },
})
