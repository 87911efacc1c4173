import {
  device_write, holds, MADV, mmu_interval_notifier_insert, mmu_interval_notifier_remove, put_page, race, reach, sys_madvise, violates,
  zap_sptes,
} from 'mmrace'
import { interval_fault, intervalDriver } from './scenes/interval-notifier.js'

export default race({
  name: 'interval-insert-vs-zap',
  title: 'an interval notifier comes and goes while its range is invalidated',
  seed: 'S3',
  references: ['mm/mmu_notifier.c:mmu_interval_notifier_insert', 'mm/mmu_notifier.c:mmu_interval_notifier_remove'],
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const own = k.driverPage()
    return { mm, own, mmu: k.intervalMmu(intervalDriver(own)) }
  },
  cpus: {
    device: function* ({ mm, mmu, own }) {
      yield* mmu_interval_notifier_insert(mmu.interval, mm, 0, 1)
      while (!(yield* device_write(mmu, 0, 1))) if (!(yield* interval_fault(mmu, mm, 0))) break
      yield* reach('written')
      yield* zap_sptes(mmu, 0, 1)
      yield* mmu_interval_notifier_remove(mmu.interval, mm)
      yield* put_page(own)
    },
    zap: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
  },
  sometimes: ['written', 'unmapped'],
  oracles: ['O2', 'O10', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'in the middle of an invalidation, it counts as hit from the start, and goes when that has ended' },
    'as-if-idle': {
      apply: ['mutant-insert-as-if-idle'],
      expect: violates('O10', 'all'),
      because: 'the invalidation began without it, so nobody tells the device to wait',
    },
    'without-wait': {
      apply: ['mutant-remove-without-wait'],
      expect: violates('O2', 'all'),
      because: 'the callback is running, and the driver is freed',
    },
  },
})
