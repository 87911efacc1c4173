import {
  dma_write, type Driver, FOLL_WRITE, get_user_pages_fast, holds, kvm_mmu_invalidate_begin, kvm_mmu_invalidate_end, load, MADV, type Mm, pfn_to_page,
  put_user_page, race, reach, type SecondaryMmu, type Setup, spin_lock, spin_unlock, type Steps, sys_madvise, violates,
} from 'mmrace'
import { type Cell, fetchAdd, store } from 'mmrace/engine'

/** virt/kvm/pfncache.c:struct gfn_to_pfn_cache of an address of user space that is in no memslot. */
interface Cache {
  readonly lock: Cell
  readonly valid: Cell
  readonly pfn: Cell
}

interface Counts {
  /** Every end of an invalidation is counted: kvm->gpc_invalidate_seq. In 6.12 only those that a memslot overlaps. */
  readonly own?: boolean
  /** A refresh reads that number when it has the page. */
  readonly late?: boolean
}

const driver = ({ lock, valid }: Cache, { own }: Counts): Driver => (mmu) => ({
  *invalidate_range_start({ start, end }) {
    if (own) yield* kvm_mmu_invalidate_begin(mmu, start, end)
    else yield* fetchAdd(mmu.mmu_invalidate_in_progress, 1, { label: 'kvm->mn_active_invalidate_count++' })
    yield* spin_lock(lock, 'write_lock_irq(&gpc->lock)')
    yield* store(valid, 0, { label: 'gpc->valid = false' })
    yield* spin_unlock(lock, 'write_unlock_irq(&gpc->lock)')
  },
  *invalidate_range_end() {
    if (own) yield* kvm_mmu_invalidate_end(mmu)
    else yield* fetchAdd(mmu.mmu_invalidate_in_progress, -1, { label: '--kvm->mn_active_invalidate_count' })
  },
})

/** virt/kvm/pfncache.c:hva_to_pfn_retry. The page has a reference until the cache is valid, and none after. */
function* refresh({ lock, valid, pfn }: Cache, mmu: SecondaryMmu, mm: Mm, { late }: Counts): Steps {
  yield* spin_lock(lock, 'write_lock_irq(&gpc->lock)')
  yield* store(valid, 0, { label: 'gpc->valid = false' })
  for (;;) {
    const seq = late ? 0 : yield* load(mmu.mmu_invalidate_seq)
    yield* spin_unlock(lock, 'write_unlock_irq(&gpc->lock)')
    const [page] = yield* get_user_pages_fast(mm, 0, 1, FOLL_WRITE)
    if (!page) return
    const before = late ? yield* load(mmu.mmu_invalidate_seq) : seq
    yield* spin_lock(lock, 'write_lock_irq(&gpc->lock)')
    const retry = (yield* load(mmu.mmu_invalidate_in_progress)) !== 0 || (yield* load(mmu.mmu_invalidate_seq)) !== before
    if (!retry) {
      yield* store(pfn, page.pfn, { label: 'gpc->pfn = new_pfn' })
      yield* store(valid, 1, { label: 'gpc->valid = true' })
      yield* spin_unlock(lock, 'write_unlock_irq(&gpc->lock)')
    }
    yield* put_user_page(page)
    if (!retry) return
  }
}

/** KVM writes for the guest, if the cache is valid: with its lock held. */
function* write({ lock, valid, pfn }: Cache): Steps {
  yield* spin_lock(lock, 'read_lock(&gpc->lock)')
  if (yield* load(valid)) {
    yield* dma_write(pfn_to_page(yield* load(pfn)), 2)
    yield* reach('written')
  }
  yield* spin_unlock(lock, 'read_unlock(&gpc->lock)')
}

export default race({
  name: 'gfn-to-pfn-cache-vs-zap',
  title: 'KVM keeps where a page of user space is: does it see every invalidation?',
  seed: 'S4',
  question: 'Q21',
  references: [
    'virt/kvm/pfncache.c:mmu_notifier_retry_cache of 6.12: kvm->mmu_invalidate_seq, which __kvm_handle_hva_range() moves for memslots only',
    'virt/kvm/kvm_main.c:kvm_mmu_notifier_invalidate_range_end of 7.3: kvm->gpc_invalidate_seq++',
  ],
  geometry: { pages: 2 },
  setup: (k: Setup, counts: Counts) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const gpc: Cache = { lock: k.cell('gpc.lock'), valid: k.cell('gpc.valid'), pfn: k.cell('gpc.pfn') }
    return { mm, gpc, mmu: k.secondaryMmu(mm, driver(gpc, counts)) }
  },
  cpus: {
    vcpu: function* ({ mm, gpc, mmu }, counts) {
      yield* refresh(gpc, mmu, mm, counts)
      yield* write(gpc)
    },
    madvise: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('zapped')
    },
  },
  sometimes: ['written', 'zapped'],
  oracles: ['O2'],
  variants: {
    fixed: { with: { own: true }, expect: holds, because: '7.3: an invalidation is either under way when the refresh looks, or has moved its number' },
    bug: {
      expect: violates('O2', 'all'),
      because: '6.12: one that begins and ends while the page is looked up leaves no trace, as no memslot has the address',
    },
    'reads-late': { with: { own: true, late: true }, expect: violates('O2', 'all'), because: 'the number is that of after the invalidation' },
  },
})
