// A driver's work looks at the memory of the process that queued it, which may have gone: mmget_not_zero(), or mmget().
import {
  do_exit, holds, mmap_read_lock, mmap_read_unlock, mmget, mmget_not_zero, mmgrab, mmput, type Mm, oracle, pin_user_pages_unlocked, queue_work, race,
  reach, type Setup, unpin_user_page, violates, worker_thread,
} from 'mmrace'
import type { Steps } from 'mmrace/engine'

function* work(mm: Mm, asks: boolean | undefined): Steps {
  if (asks && !(yield* mmget_not_zero(mm))) return yield* reach('gone')
  if (!asks) yield* mmget(mm)
  yield* mmap_read_lock(mm)
  yield* mmap_read_unlock(mm)
  const [page] = yield* pin_user_pages_unlocked(mm, 0, 1, 0)
  if (page) yield* unpin_user_page(page)
  yield* mmput(mm)
}

/** Nobody becomes a user of an address space again that has had its last. */
const resurrected = oracle<{ readonly mm: Mm }>({
  id: 'mm-users', name: 'mm used after its last user',
  watch: (k, { mm }) => {
    const gone = k.ghost('mm gone')
    k.changes(mm.mm_users, (m, before, after) => {
      if (after === 0) m.set(gone, 1)
      return before === 0 && m.get(gone) ? 'mm_users goes from 0 to 1' : undefined
    })
  },
})

export default race({
  name: 'mm-of-a-work',
  title: 'a work pins memory of a process that exits',
  setup: (k: Setup, { asks }: { asks?: boolean }) => {
    const mm = k.mm('exit')
    k.anon(mm, { pages: 1 })
    k.call(mmgrab(mm))
    k.call(queue_work(k.work('pins', () => work(mm, asks))))
    return { mm }
  },
  cpus: { exit: ({ mm }) => do_exit(mm), kworker: worker_thread },
  oracles: [resurrected],
  sometimes: ['gone'],
  variants: {
    fixed: { with: { asks: true }, expect: holds },
    bug: { with: { asks: false }, expect: violates('mm-users', 'all'), never: ['gone'] },
  },
})
