// A driver maps for its device what hmm_range_fault() says; asked too early, or not at all, whether that is still so.
import {
  device_dma_write, dma_map_sgtable, type DmaMapping, dma_unmap_sgtable, hmm_pfn_to_pfn, hmm_range_fault, holds, mmap_read_lock, mmap_read_unlock,
  type Mm, type MmuIntervalNotifier, mmu_interval_notifier_insert, mmu_interval_read_begin, mmu_interval_read_retry, mmu_interval_set_seq,
  mutex_lock, mutex_unlock, pfn_to_page, race, reach, type Setup, sys_munmap, violates,
} from 'mmrace'
import type { Cell, Steps } from 'mmrace/engine'

interface Mirror { readonly mm: Mm; readonly lock: Cell; readonly sub: MmuIntervalNotifier; readonly mapping: DmaMapping }

function* invalidate({ lock, sub, mapping }: Mirror, seq: number): Steps<boolean> {
  yield* mutex_lock(lock)
  yield* mmu_interval_set_seq(sub, seq)
  yield* dma_unmap_sgtable(mapping)
  yield* mutex_unlock(lock)
  return true
}

function* map({ mm, lock, sub, mapping }: Mirror, asks: boolean | undefined): Steps {
  const notifier_seq = yield* mmu_interval_read_begin(sub, mm)
  yield* mmap_read_lock(mm)
  const found = yield* hmm_range_fault(mm, { notifier: sub, notifier_seq, start: 0, end: 1, fault: true, write: true, owner: mapping })
  yield* mmap_read_unlock(mm)
  if (typeof found === 'number') return
  yield* mutex_lock(lock)
  if (!asks || !(yield* mmu_interval_read_retry(sub, notifier_seq))) yield* dma_map_sgtable(mapping, pfn_to_page(hmm_pfn_to_pfn(found[0]!)))
  yield* mutex_unlock(lock)
  if (yield* device_dma_write(mapping, 1)) yield* reach('written')
}

export default race({
  name: 'hmm-snapshot',
  title: 'what hmm_range_fault() found is mapped for the device',
  setup: (k: Setup) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const sub = k.intervalNotifier('mirror', (_sub, _range, seq) => invalidate(mirror, seq))
    const mirror: Mirror = { mm, lock: k.cell('lock'), sub, mapping: k.dmaMapping('mirror', { mm, address: 0 }) }
    k.call(mmu_interval_notifier_insert(sub, mm, 0, 1))
    return mirror
  },
  cpus: { driver: (mirror, { asks }: { asks?: boolean }) => map(mirror, asks), munmap: ({ mm }) => sys_munmap(mm, 0, 1) },
  sometimes: ['written'],
  variants: { fixed: { with: { asks: true }, expect: holds }, bug: { with: { asks: false }, expect: violates('O11', 'all') } },
})
