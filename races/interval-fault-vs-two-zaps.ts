import { holds, MADV, mmu_interval_notifier_insert, race, reach, sys_madvise, violates } from 'mmrace'
import { interval_fault, intervalDriver } from './scenes/interval-notifier.js'

export default race({
  name: 'interval-fault-vs-two-zaps',
  title: 'two CPUs invalidate at the same time, and a device faults between the end of one and the end of the other',
  seed: 'S3',
  references: ['mm/mmu_notifier.c:mn_itree_inv_end', 'Documentation/mm/mmu_notifier.rst'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 2, touched: [0] })
    const mmu = k.intervalMmu(intervalDriver(k.driverPage()))
    k.call(mmu_interval_notifier_insert(mmu.interval, mm, 0, 1))
    return { mm, mmu }
  },
  cpus: {
    device: function* ({ mm, mmu }) {
      if (yield* interval_fault(mmu, mm, 0)) yield* reach('fault handled')
    },
    'zap 1': ({ mm }) => sys_madvise(mm, 0, 1, MADV.DONTNEED),
    'zap 2': ({ mm }) => sys_madvise(mm, 1, 1, MADV.DONTNEED),
  },
  sometimes: ['fault handled'],
  oracles: ['O10', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'starts and ends are counted; the sequence is even again after the last' },
    'not-nested': {
      apply: ['mutant-interval-not-nested'],
      expect: violates('O10', 'all'),
      because: 'the end of one says that nothing is under way any more',
    },
  },
})
