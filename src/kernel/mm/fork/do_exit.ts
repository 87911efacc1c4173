import { lockdep } from '../../../engine/model/lock.js'
import type { Steps } from '../../../engine/model/step.js'
import { enter_lazy_tlb, user_mode_ends } from '../../../machine/switch-mm.js'
import type { Mm } from '../../include/mm.js'
import { mmap_read_lock, mmap_read_unlock } from '../../locking/mmap_lock.js'
import { mmgrab } from './mm_count.js'
import { mmput } from './mmput.js'

/** current->flags: the thread is in do_exit(). */
export const PF_EXITING = 'PF_EXITING'

/** kernel/exit.c:exit_mm: the thread is no user any more. Its CPU goes on with the tables (lazy TLB), and keeps the struct. */
export function* exit_mm(mm: Mm): Steps {
  yield* mmap_read_lock(mm)
  yield* mmgrab(mm)
  yield* user_mode_ends()
  yield* enter_lazy_tlb()
  yield* mmap_read_unlock(mm)
  yield* mmput(mm)
}

/**
 * kernel/exit.c:do_exit, as far as memory goes: the last thing that a thread does. The address space goes with its last user;
 * as long as other threads of the process, or somebody with mmget_not_zero(), are there it stays.
 */
export function* do_exit(mm: Mm): Steps {
  yield* lockdep({ op: 'acquire', lock: PF_EXITING, mark: true })
  yield* exit_mm(mm)
  yield* lockdep({ op: 'release', lock: PF_EXITING })
}
