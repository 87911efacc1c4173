import {
  dma_write, FOLL_WRITE, get_user_pages_fast, type IntervalDriver, type Mm, mmu_interval_read_begin, mmu_interval_read_retry,
  mmu_interval_set_seq, type MmuNotifierRange, type Page, put_user_page, type SecondaryMmu, set_spte, spin_lock, spin_unlock, type Steps,
  zap_sptes,
} from 'mmrace'

function* invalidate(mmu: SecondaryMmu, own: Page, { start, end }: MmuNotifierRange, cur_seq: number): Steps<boolean> {
  yield* dma_write(own, 1)
  yield* spin_lock(mmu.mmu_lock, 'lock(user_lock)')
  yield* mmu_interval_set_seq(mmu.interval, cur_seq)
  yield* zap_sptes(mmu, start, end)
  yield* spin_unlock(mmu.mmu_lock, 'unlock(user_lock)')
  return true
}

/** A driver as Documentation/mm/hmm.rst has it. It uses memory of its own, `own`, while it is called. */
export const intervalDriver = (own: Page): IntervalDriver => (mmu) => (range, cur_seq) => invalidate(mmu, own, range, cur_seq)

/** The device's page fault. False: there is no memory. */
export function* interval_fault(mmu: SecondaryMmu, mm: Mm, address: number): Steps<boolean> {
  const seq = yield* mmu_interval_read_begin(mmu.interval, mm)
  const [page] = yield* get_user_pages_fast(mm, address, 1, FOLL_WRITE)
  if (!page) return false
  yield* spin_lock(mmu.mmu_lock, 'lock(user_lock)')
  if (!(yield* mmu_interval_read_retry(mmu.interval, seq))) yield* set_spte(mmu, address, page, true)
  yield* spin_unlock(mmu.mmu_lock, 'unlock(user_lock)')
  yield* put_user_page(page)
  return true
}
