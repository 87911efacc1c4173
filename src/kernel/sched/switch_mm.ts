import type { Steps } from '../../engine/model/step.js'
import * as arch from '../../machine/switch-mm.js'
import type { Mm } from '../include/mm.js'
import { applied, reverted } from '../kernel.js'

/** kernel/sched/core.c:context_switch, the address space: undefined is that of kernel threads, without lazy mode. */
export function* switch_mm(next: Mm | undefined): Steps {
  yield* arch.switch_mm(next, reverted('fea4e317f9e7') ? 'never' : applied('mutant-switching-late') ? 'late' : 'first')
}
