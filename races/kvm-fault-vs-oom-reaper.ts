import { guest_write, holds, mutex_lock, mutex_unlock, oom_reap_task, race, reach, violates } from 'mmrace'
import { triesLock } from './scenes/notifier-that-tries.js'

export default race({
  name: 'kvm-fault-vs-oom-reaper',
  title: 'the OOM reaper, which must not wait, unmaps memory of a guest; another subscriber would have to wait',
  seed: 'S3',
  bug: 'H-c2655835fd8c',
  references: [
    'c2655835fd8c mm/mmu_notifiers: ensure range_end() is paired with range_start()',
    '4d4bbd8526a8 mm, oom_reaper: skip mm structs with mmu notifiers', '93065ac753e4',
  ],
  geometry: { oomReapRetries: 2 },
  setup: (k) => {
    const guest = k.guest({ pages: 1 })
    const lock = k.cell('driver.lock')
    k.secondaryMmu(guest.mm, triesLock(lock))
    return { ...guest, lock }
  },
  cpus: {
    guest: function* ({ mm, mmu }) {
      yield* reach((yield* guest_write(mmu, mm, 0, 1)) ? 'written' : 'refused')
    },
    reaper: function* ({ mm }) {
      const attempts = yield* oom_reap_task(mm)
      yield* reach(attempts === 1 ? 'at once' : attempts === 2 ? 'at the second try' : 'gave up')
    },
    device: function* ({ lock }) {
      yield* mutex_lock(lock)
      yield* mutex_unlock(lock)
    },
  },
  sometimes: ['written', 'refused', 'at once', 'at the second try', 'gave up'],
  variants: {
    fixed: { expect: holds, because: 'those that have started are told of the end, and nothing is unmapped until all have' },
    bug: {
      revert: ['c2655835fd8c'],
      expect: violates('livelock', 'all'),
      because: 'KVM waits for the end of an invalidation that nobody will end: the guest faults for ever',
    },
    'goes-on': {
      apply: ['mutant-reaper-goes-on'],
      expect: violates('O10', 'all'),
      because: 'there was no start, so nobody keeps the guest from mapping what is being unmapped',
    },
    'without-notifiers': {
      revert: ['4d4bbd8526a8'],
      never: ['at the second try', 'gave up'],
      expect: violates('O10', 'all'),
      because: 'nobody is told: the guest goes on writing to a page that is freed',
    },
  },
})
