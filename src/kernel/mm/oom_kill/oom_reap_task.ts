import { setBits, type Steps } from '../../../engine/model/step.js'
import type { Mm } from '../../include/mm.js'
import { MMF_OOM_SKIP } from '../../include/mmf_flags.js'
import { kernel } from '../../kernel.js'
import { oom_reap_task_mm } from './oom_reap_task_mm.js'

/**
 * mm/oom_kill.c:oom_reap_task: tries a few times, and then lets the OOM killer choose another victim, whether all, some
 * or nothing of this one has been unmapped. The tries it took; one more than there may be if none succeeded.
 */
export function* oom_reap_task(mm: Mm): Steps<number> {
  let attempts = 1
  while (attempts <= kernel().geometry.oomReapRetries && !(yield* oom_reap_task_mm(mm))) attempts++
  yield* setBits(mm.flags, MMF_OOM_SKIP, { label: 'set_bit(MMF_OOM_SKIP)' })
  return attempts
}
