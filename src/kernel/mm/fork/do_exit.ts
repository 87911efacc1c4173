import { lockdep } from '../../../engine/model/lock.js'
import type { Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { exit_mmap } from './mm_lifetime.js'

/** current->flags: the thread is in do_exit(). */
export const PF_EXITING = 'PF_EXITING'

/** kernel/exit.c:do_exit, of the last thread of a process, as far as memory goes. */
export function* do_exit(mm: Mm): Steps {
  yield* lockdep({ op: 'acquire', lock: PF_EXITING, mark: true })
  yield* exit_mmap(mm)
  yield* lockdep({ op: 'release', lock: PF_EXITING })
}
