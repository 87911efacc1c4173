import {
  holds, mmu_interval_notifier_insert, mutex_lock, mutex_unlock, oom_reap_task, race, reach, violates,
} from 'mmrace'
import { interval_fault, intervalDriver } from './scenes/interval-notifier.js'
import { triesLock } from './scenes/notifier-that-tries.js'

export default race({
  name: 'interval-fault-vs-oom-reaper',
  title: 'the OOM reaper, which must not wait, has told an interval notifier when somebody on the list would have to wait',
  seed: 'S3',
  references: ['mm/mmu_notifier.c:__mmu_notifier_invalidate_range_start', 'c2655835fd8c mm/mmu_notifiers: ensure range_end() is paired with range_start()'],
  geometry: { oomReapRetries: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    const mmu = k.intervalMmu(intervalDriver(k.driverPage()))
    k.call(mmu_interval_notifier_insert(mmu.interval, mm, 0, 1))
    const lock = k.cell('driver.lock')
    k.secondaryMmu(mm, triesLock(lock))
    return { mm, mmu, lock }
  },
  cpus: {
    device: function* ({ mm, mmu }) {
      yield* reach((yield* interval_fault(mmu, mm, 0)) ? 'fault handled' : 'refused')
    },
    reaper: function* ({ mm }) {
      yield* reach((yield* oom_reap_task(mm)) === 1 ? 'reaped' : 'gave up')
    },
    'other driver': function* ({ lock }) {
      yield* mutex_lock(lock)
      yield* mutex_unlock(lock)
    },
  },
  sometimes: ['fault handled', 'refused', 'reaped', 'gave up'],
  oracles: ['O2', 'O9', 'O10', 'O13'],
  variants: {
    fixed: {
      apply: ['itree-ends-with-list'],
      expect: holds,
      because: 'those in the tree are told of the end as well when the list could not start',
    },
    bug: {
      expect: violates('deadlock', 'all'),
      because: 'only those on the list are told of the end: the device waits for that of an invalidation that nobody will end',
    },
    'goes-on': {
      apply: ['itree-ends-with-list', 'mutant-reaper-goes-on'],
      expect: violates('O10', 'all'),
      because: 'the reaper unmaps when all have been told that it will not',
    },
  },
})
