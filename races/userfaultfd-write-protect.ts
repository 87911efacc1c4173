import { holds, race, reach, user_read, user_write, userfaultfd_release, userfaultfd_writeprotect, violates } from 'mmrace'

export default race({
  name: 'userfaultfd-write-protect',
  title: 'a monitor write-protects a page, copies it and closes its file, while a writer is on its way to wait',
  references: ['fs/userfaultfd.c:handle_userfault'],
  tlb: true,
  geometry: { pages: 3, userfaultfds: 1 },
  needs: ['HAVE_ARCH_USERFAULTFD_WP'],
  setup: (k) => {
    const mm = k.mm()
    k.userfaultfd(mm, k.anon(mm, { pages: 1 }))
    return { mm }
  },
  cpus: {
    monitor: function* ({ mm }) {
      if (yield* userfaultfd_writeprotect(mm, 0, 1, true)) return
      yield* user_read(mm, 0)
      yield* userfaultfd_release(mm)
      yield* reach('gone')
    },
    user: function* ({ mm }) {
      if (yield* user_write(mm, 0, 1)) yield* reach('written')
    },
  },
  sometimes: ['gone', 'written'],
  variants: {
    fixed: { expect: holds, because: 'who comes before the lock is woken after it, who comes later sees that the monitor has gone' },
    bug: {
      apply: ['mutant-release-wakes-first', 'mutant-userfault-sleeps-on'],
      expect: violates('deadlock', 'all'),
      because: 'the writer queues when all have been woken, and sleeps for ever',
    },
    'wakes-first': { apply: ['mutant-release-wakes-first'], expect: holds, because: 'either step is enough' },
    'sleeps-on': { apply: ['mutant-userfault-sleeps-on'], expect: holds, because: 'either step is enough' },
  },
})
