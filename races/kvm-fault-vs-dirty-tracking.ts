import { type Driver, guest_write, holds, kvm, race, reach, violates, wp_shared_mapping_range, zap_sptes } from 'mmrace'

/** KVM, and a device TLB beside it that is flushed whenever the kernel asks. */
const driver: Driver = (mmu) => ({
  ...kvm(mmu),
  invalidate_range: (_, start, end) => zap_sptes(mmu, start, end),
})

export default race({
  name: 'kvm-fault-vs-dirty-tracking',
  title: 'a driver write-protects pages that a guest maps: may the callback for an entry tell the notifiers?',
  seed: 'S3',
  question: 'Q16',
  asked: `Also the mmu notifier can not be call from the pfn callback as that callback happens under page table lock
(the change_pte notifier callback is useless and not enough).`,
  answer: `Start and end: no, they may sleep. \`invalidate_range\` and \`change_pte\` do not sleep, and are of no use alone: nothing keeps
a guest from mapping again, in the next moment, what the entry still said. So it is around the walk that notifiers are told.`,
  references: ['mm: Add an apply_to_pfn_range interface (mail of April 2019)', 'Documentation/mm/mmu_notifier.rst'],
  geometry: { files: 1, filePages: 1 },
  setup: (k) => {
    const mm = k.mm()
    const { file } = k.shared(mm, { pages: 1 })
    return { mm, file, mmu: k.secondaryMmu(mm, driver) }
  },
  cpus: {
    guest: function* ({ mm, mmu }) {
      if (yield* guest_write(mmu, mm, 0, 1)) yield* reach('written')
    },
    driver: function* ({ file }) {
      yield* wp_shared_mapping_range(file, 0, 1)
      yield* reach('protected')
    },
  },
  sometimes: ['written', 'protected'],
  oracles: ['O10', 'O12', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'told before and after the walk, where no page-table lock is held' },
    around: { apply: ['apply-to-pfn-range'], expect: holds, because: 'the proposal too, with start and end around the call' },
    'start-and-end': {
      apply: ['apply-to-pfn-range', 'notify-in-callback'],
      expect: violates('O12', 'all'),
      because: 'who starts an invalidation may sleep, and the callback runs under the page-table lock',
    },
    'invalidate-range': {
      apply: ['apply-to-pfn-range', 'invalidate-in-callback'],
      expect: violates('O10', 'all'),
      because: 'it does not sleep, but nothing keeps the guest from mapping again what it had',
    },
  },
})
