import {
  holds, locked, MADV, mmu_notifier_put, mmu_notifier_synchronize, put_page, race, reach, set_spte, sys_madvise, violates, worker_thread,
  zap_sptes,
} from 'mmrace'
import { counted } from './scenes/notifier-put.js'

export default race({
  name: 'notifier-put-vs-zap',
  title: 'a driver gives its notifier back, and its module is unloaded, while the notifier is called',
  seed: 'S3',
  references: ['mm/mmu_notifier.c:mmu_notifier_put', 'mm/mmu_notifier.c:mmu_notifier_synchronize', 'kernel/rcu/srcutree.c:call_srcu'],
  geometry: { workers: 1, tables: 1 },
  setup: (k) => {
    const text = k.driverPage()
    const { mm, mmu } = k.guest({ pages: 1 }, counted({ text, own: [k.driverPage()] }))
    k.call(set_spte(mmu, 0, k.pageAt(mm, 0), true))
    return { mm, mmu, text, tear_down: locked(mmu.mmu_lock, () => zap_sptes(mmu, 0, 1)) }
  },
  cpus: {
    zap: function* ({ mm }) {
      yield* sys_madvise(mm, 0, 1, MADV.DONTNEED)
      yield* reach('unmapped')
    },
    unload: function* ({ mmu, text, tear_down }) {
      yield* tear_down()
      yield* mmu_notifier_put(mmu.notifier)
      yield* mmu_notifier_synchronize()
      yield* put_page(text)
      yield* reach('unloaded')
    },
    worker: () => worker_thread(),
  },
  sometimes: ['unmapped', 'freed', 'unloaded'],
  oracles: ['O2', 'O9', 'O10', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'freed when nobody is in a callback; the module goes when that has been done' },
    'frees-at-once': {
      apply: ['mutant-put-frees-at-once'],
      expect: violates('O2', 'all'),
      because: 'the zap is calling invalidate_range_start, and the subscription is freed',
    },
    'without-synchronize': {
      apply: ['mutant-unload-without-synchronize'],
      expect: violates('O2', 'all'),
      because: 'the module is gone when SRCU calls free_notifier',
    },
    'list-per-cpu': {
      apply: ['srcu-list-per-cpu'],
      expect: violates('O2', 'all'),
      because: 'on a machine with 128 CPUs, synchronize_srcu() does not wait for a callback that another CPU has queued; srcu_barrier() would',
    },
  },
})
