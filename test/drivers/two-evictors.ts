// KFD SVM without XNACK: of two invalidations the first stops the queues, the second sees that somebody is at it and returns at once.
import {
  device_dma_write, dma_map_sgtable, type DmaMapping, dma_unmap_sgtable, holds, MADV, type MmuIntervalNotifier, mmu_interval_notifier_insert, mmu_interval_set_seq,
  mutex_lock, mutex_unlock, race, reach, type Setup, sys_madvise, violates,
} from 'mmrace'
import { type Cell, fetchAdd, type Steps } from 'mmrace/engine'

interface Process { readonly lock: Cell; readonly evicted: Cell; readonly mapping: DmaMapping }

function* evict(p: Process, sub: MmuIntervalNotifier, seq: number, waits: boolean | undefined): Steps<boolean> {
  if (waits) yield* mutex_lock(p.lock)
  yield* mmu_interval_set_seq(sub, seq)
  if ((yield* fetchAdd(p.evicted, 1)) === 0) yield* dma_unmap_sgtable(p.mapping)
  if (waits) yield* mutex_unlock(p.lock)
  return true
}

/** Stopped, its queues reach nothing. */
function* queue({ mapping }: Process): Steps {
  yield* reach((yield* device_dma_write(mapping, 1)) ? 'written' : 'stopped')
}

export default race({
  name: 'two-evictors',
  title: 'two ranges are invalidated, and the queues are stopped once',
  geometry: { pages: 6 },
  setup: (k: Setup, { waits }: { waits?: boolean }) => {
    const mm = k.mm()
    const p = { lock: k.cell('process.lock'), evicted: k.cell('evicted_ranges'), mapping: k.dmaMapping('range1', { mm, address: 1 }) }
    k.anon(mm, { pages: 2, touched: [0, 1] })
    for (const at of [0, 1]) {
      const sub = k.intervalNotifier(`range${at}`, (self, _, seq) => evict(p, self, seq, waits))
      k.call(mmu_interval_notifier_insert(sub, mm, at, at + 1))
    }
    k.call(dma_map_sgtable(p.mapping, k.pageAt(mm, 1)))
    return { mm, p }
  },
  cpus: {
    a: ({ mm }) => sys_madvise(mm, 0, 1, MADV.DONTNEED),
    b: ({ mm }) => sys_madvise(mm, 1, 1, MADV.DONTNEED),
    gpu: ({ p }) => queue(p),
  },
  sometimes: ['stopped', 'written'],
  variants: { fixed: { with: { waits: true }, expect: holds }, bug: { with: { waits: false }, expect: violates('O11', 'all') } },
})
