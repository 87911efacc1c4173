import { load, type Steps } from '../../../engine/model/step.js'
import { VM_FAULT_SIGBUS } from '../../include/fault.js'
import type { Mm } from '../../include/mm.js'
import { MMF_UNSTABLE } from '../../include/mmf_flags.js'
import { has, kernel } from '../../kernel.js'

/** Whether faults are refused in an address space with these mm->flags, lest somebody take a page of zeroes for what was there. */
export const is_unstable = (flags: number): boolean => (flags & MMF_UNSTABLE) !== 0 && has('6b31d5955cb2')

/** include/linux/oom.h:check_stable_address_space: no new page where the OOM reaper may have taken one away. 0, or VM_FAULT_SIGBUS. */
export function* check_stable_address_space(mm: Mm): Steps<number> {
  if (kernel().geometry.oomReapRetries === 0) return 0
  return is_unstable(yield* load(mm.flags, { label: 'test_bit(MMF_UNSTABLE)' })) ? VM_FAULT_SIGBUS : 0
}
