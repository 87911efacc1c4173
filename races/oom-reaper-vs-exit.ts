import { do_exit, holds, oom_reap_task, race, reach, violates } from 'mmrace'

export default race({
  name: 'oom-reaper-vs-exit',
  title: 'the OOM reaper unmaps an address space while its last user exits',
  seed: 'S4',
  references: ['mm/oom_kill.c:oom_reap_task', 'mm/mmap.c:exit_mmap', '212925802454 mm: oom: let oom_reap_task and exit_mmap run concurrently'],
  geometry: { oomReapRetries: 2, tables: 1 },
  setup: (k) => {
    const mm = k.mm('exit')
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    exit: function* ({ mm }) {
      yield* do_exit(mm)
      yield* reach('gone')
    },
    reaper: function* ({ mm }) {
      const attempts = yield* oom_reap_task(mm)
      yield* reach(attempts === 1 ? 'at once' : attempts === 2 ? 'at the second try' : 'gave up')
    },
  },
  sometimes: ['gone', 'at once', 'at the second try', 'gave up'],
  oracles: ['O2', 'O3', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'both unmap with the mmap_lock for reading; page tables go with it held for writing' },
    unlocked: {
      apply: ['mutant-exit-frees-tables-unlocked'],
      never: ['at the second try', 'gave up'],
      expect: violates('O3', 'all'),
      because: 'the reaper is in a page table that exit frees',
    },
  },
})
