import { holds, oom_reap_task, race, reach, user_read, user_write, violates } from 'mmrace'

export default race({
  name: 'oom-reaper-vs-write',
  title: 'the OOM reaper unmaps memory that a thread of the victim has written to and reads again',
  seed: 'S4',
  references: ['6b31d5955cb2 mm, oom: fix potential data corruption when oom_reaper races with writer', 'include/linux/oom.h'],
  tlb: true,
  geometry: { oomReapRetries: 1, tables: 1 },
  setup: (k) => {
    const mm = k.mm()
    k.anon(mm, { pages: 1 })
    return { mm }
  },
  cpus: {
    victim: function* ({ mm }) {
      if (!(yield* user_write(mm, 0, 1))) return
      yield* reach('written')
      if ((yield* user_read(mm, 0)) === undefined) yield* reach('SIGBUS')
    },
    reaper: function* ({ mm }) {
      if ((yield* oom_reap_task(mm)) === 1) yield* reach('reaped')
    },
  },
  sometimes: ['written', 'SIGBUS', 'reaped'],
  oracles: ['O1', 'O2', 'O6', 'O9', 'O13'],
  variants: {
    fixed: { expect: holds, because: 'who comes after the reaper gets SIGBUS, and no zeroes' },
    bug: {
      revert: ['6b31d5955cb2'],
      never: ['SIGBUS'],
      expect: violates('O6', 'all'),
      because: 'a page of zeroes is mapped: whoever reads on takes it for what was written, and may send it to a file',
    },
    late: {
      apply: ['mutant-unstable-late'],
      expect: violates('O6', 'all'),
      because: 'the fault comes when the page is gone and the flag is not set yet',
    },
  },
})
