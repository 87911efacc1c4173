import {
  type Driver, device_write, FOLL_WRITE, get_user_pages_fast, holds, kvm_mmu_invalidate_begin, kvm_mmu_invalidate_end, type Mm,
  mmu_invalidate_retry_hva, put_user_page, race, reach, type SecondaryMmu, set_spte, spin_lock, spin_unlock, sys_munmap, zap_sptes,
} from 'mmrace'
import { load, type Steps } from 'mmrace/engine'

const driver: Driver = (mmu) => ({
  *invalidate_range_start({ start, end }) {
    yield* spin_lock(mmu.mmu_lock)
    yield* kvm_mmu_invalidate_begin(mmu, start, end)
    yield* zap_sptes(mmu, start, end)
    yield* spin_unlock(mmu.mmu_lock)
  },
  *invalidate_range_end() {
    yield* spin_lock(mmu.mmu_lock)
    yield* kvm_mmu_invalidate_end(mmu)
    yield* spin_unlock(mmu.mmu_lock)
  },
})

function* fault(mmu: SecondaryMmu, mm: Mm, address: number): Steps<boolean> {
  const seq = yield* load(mmu.mmu_invalidate_seq)
  const [page] = yield* get_user_pages_fast(mm, address, 1, FOLL_WRITE)
  if (!page) return false
  yield* spin_lock(mmu.mmu_lock)
  const stale = yield* mmu_invalidate_retry_hva(mmu, seq, address)
  if (!stale) yield* set_spte(mmu, address, page, true)
  yield* spin_unlock(mmu.mmu_lock)
  yield* put_user_page(page)
  return true
}

export default race({
  name: 'shadow-mmu',
  title: 'a shadow entry is made while munmap() takes the page away',
  geometry: { secondaryMmus: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm, mmu: k.secondaryMmu(mm, driver) }
  },
  cpus: {
    device: function* ({ mm, mmu }) {
      while (!(yield* device_write(mmu, 0, 1))) if (!(yield* fault(mmu, mm, 0))) return
      yield* reach('written')
    },
    munmap: ({ mm }) => sys_munmap(mm, 0, 1),
  },
  sometimes: ['written'],
  variants: { fixed: { expect: holds } },
})
