import type { Steps } from '../../engine/model/step.js'
import * as arch from '../../machine/switch-mm.js'
import type { Mm } from '../include/mm.js'
import { has } from '../kernel.js'

/** kernel/sched/core.c:context_switch, the address space: undefined is that of kernel threads, without lazy mode. */
export function* switch_mm(next: Mm | undefined): Steps {
  yield* arch.switch_mm(next, !has('fea4e317f9e7') ? 'never' : has('mutant-switching-late') ? 'late' : 'first')
}
