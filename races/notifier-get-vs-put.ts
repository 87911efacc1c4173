import {
  dma_write, holds, mmu_notifier_get, mmu_notifier_put, race, reach, violates, worker_thread,
} from 'mmrace'
import { counted } from './scenes/notifier-put.js'

export default race({
  name: 'notifier-get-vs-put',
  title: 'one user takes a driver\'s notifier of an address space while another gives it back',
  seed: 'S3',
  references: ['mm/mmu_notifier.c:mmu_notifier_get_locked', 'mm/mmu_notifier.c:mmu_notifier_put'],
  geometry: { workers: 1, tables: 1 },
  setup: (k) => {
    const own = [k.driverPage(), k.driverPage()] as const
    const driver = counted({ text: k.driverPage(), own })
    const mm = k.mm()
    return { mm, own, old: k.secondaryMmu(mm, driver).notifier, fresh: k.spareMmu(driver).notifier }
  },
  cpus: {
    'first user': function* ({ old }) {
      yield* mmu_notifier_put(old)
    },
    'second user': function* ({ mm, own, old, fresh }) {
      const sub = yield* mmu_notifier_get(fresh, mm)
      yield* reach(sub === old ? 'found' : 'made')
      yield* dma_write(own[sub === old ? 0 : 1], 1)
      yield* mmu_notifier_put(sub)
    },
    worker: () => worker_thread(),
  },
  sometimes: ['found', 'made', 'freed'],
  oracles: ['O2', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'who finds it on the list is counted, and who takes it off the list knows that nobody is' },
    'does-not-count': {
      apply: ['mutant-get-does-not-count'],
      expect: violates('O2', 'all'),
      because: 'the first user was the last that anybody knew of',
    },
  },
})
