import { fetchAdd, type Step, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { kernel } from '../../kernel.js'
import { TooSmall } from '../../too_small.js'
import { queue_work } from '../../workqueue/workqueue.js'
import { khugepaged_exit } from '../khugepaged/khugepaged_exit.js'
import { ksm_exit } from '../ksm/ksm_enter.js'
import { exit_mmap } from '../mmap/exit_mmap.js'
import { mmdrop } from './mm_count.js'

/** kernel/fork.c:__mmput. The last user of the address space has gone. */
export function* __mmput(mm: Mm): Steps {
  yield* ksm_exit(mm)
  yield* khugepaged_exit(mm)
  yield* exit_mmap(mm)
  yield* mmdrop(mm)
}

const drop_user = (mm: Mm, label: string): Step => fetchAdd(mm.mm_users, -1, { label })

/** kernel/fork.c:mmput: one user less; the last one tears the address space down. */
export function* mmput(mm: Mm): Steps {
  if ((yield* drop_user(mm, 'mmput(mm)')) === 1) yield* __mmput(mm)
}

/** kernel/fork.c:mmput_async: for those who must not sleep, or hold what tearing down takes. A worker does it. */
export function* mmput_async(mm: Mm): Steps {
  if ((yield* drop_user(mm, 'mmput_async(mm)')) > 1) return
  const work = kernel().asyncPuts[mm.ref - 1]
  if (!work) throw new TooSmall('workers')
  yield* queue_work(work)
}
