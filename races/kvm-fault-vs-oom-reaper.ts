import { type Driver, guest_write, holds, oom_reap_task_mm, race, reach, violates } from 'mmrace'
import { atomic } from 'mmrace/engine'

/** A driver that has to wait before it can start, and so has no end. */
const waits: Driver = () => ({
  invalidate_range_start: ({ blockable }) => atomic('mmu_notifier_range_blockable()', () => blockable !== false),
})

export default race({
  name: 'kvm-fault-vs-oom-reaper',
  title: 'the OOM reaper, which must not wait, unmaps memory of a guest; another subscriber would have to wait',
  seed: 'S3',
  bug: 'H-c2655835fd8c',
  references: [
    'c2655835fd8c mm/mmu_notifiers: ensure range_end() is paired with range_start()',
    '4d4bbd8526a8 mm, oom_reaper: skip mm structs with mmu notifiers', '93065ac753e4',
  ],
  geometry: { secondaryMmus: 2 },
  setup: (k) => {
    const guest = k.guest({ pages: 1 })
    k.secondaryMmu(guest.mm, waits)
    return guest
  },
  cpus: {
    guest: function* ({ mm, mmu }) {
      if (yield* guest_write(mmu, mm, 0, 1)) yield* reach('written')
    },
    reaper: function* ({ mm }) {
      yield* oom_reap_task_mm(mm)
      yield* reach('tried')
    },
  },
  sometimes: ['written', 'tried'],
  variants: {
    fixed: { expect: holds, because: 'those that have started are told of the end, and nothing is unmapped' },
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
      expect: violates('O10', 'all'),
      because: 'nobody is told: the guest goes on writing to a page that is freed',
    },
  },
})
