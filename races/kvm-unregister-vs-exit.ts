import {
  dma_write, do_exit, type Driver, guest_write, holds, kvm, mmu_notifier_unregister, type Page, put_page, race, reach,
  type SecondaryMmu, type Steps, violates, zap_sptes,
} from 'mmrace'

/** The driver's own memory is in use as long as it is called. */
function* release(mmu: SecondaryMmu, own: Page): Steps {
  yield* dma_write(own, 1)
  yield* zap_sptes(mmu, 0, 2)
}

const driver = (own: Page): Driver => (mmu) => ({ ...kvm(mmu), release: () => release(mmu, own) })

export default race({
  name: 'kvm-unregister-vs-exit',
  title: 'a driver takes its notifier back and frees itself, while the address space goes',
  seed: 'S3',
  references: ['mm/mmu_notifier.c:mmu_notifier_unregister', 'mm/mmu_notifier.c:__mmu_notifier_release'],
  setup: (k) => {
    const own = k.driverPage()
    const mm = k.mm('exit')
    k.anon(mm, { pages: 1 })
    const mmu = k.secondaryMmu(mm, driver(own))
    k.call(guest_write(mmu, mm, 0, 1))
    return { mm, mmu, own }
  },
  cpus: {
    exit: function* ({ mm }) {
      yield* do_exit(mm)
      yield* reach('gone')
    },
    driver: function* ({ mm, mmu, own }) {
      yield* mmu_notifier_unregister(mmu.notifier, mm)
      yield* put_page(own)
      yield* reach('freed')
    },
  },
  sometimes: ['gone', 'freed'],
  oracles: ['O2', 'O9', 'O10', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'whoever comes second waits for the release by the first (SRCU)' },
    'deletes-first': {
      apply: ['mutant-unregister-deletes-first'],
      expect: violates('O10', 'all'),
      because: 'exit finds the list empty and frees pages that the driver has still mapped',
    },
    'no-srcu': {
      apply: ['mutant-unregister-no-srcu'],
      expect: violates('O2', 'all'),
      because: 'exit is calling release(), and the driver is freed',
    },
  },
})
