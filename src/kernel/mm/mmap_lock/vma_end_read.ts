import { atomic, type Steps } from '../../../engine/model/step.js'
import { this_cpu } from '../../../machine/cpu.js'
import { add } from '../../include/cells.js'
import type { Vma } from '../../include/vma.js'
import { has, kernel } from '../../kernel.js'
import { released } from '../../locking/lock-op.js'

/** include/linux/mmap_lock.h:vma_end_read, vma_refcount_put. A writer who waits sees the count fall. */
export function* vma_end_read(vma: Vma): Steps {
  const cpu = yield* this_cpu()
  const { vm_lock, vm_refcnt } = vma.lock!
  const counter = has('vma-refcount') ? vm_refcnt : vm_lock
  yield* atomic('vma_end_read(vma)', (m) => {
    for (const observer of kernel().observers) observer.vmaReadEnds?.(m, cpu)
    add(m, counter, -1)
  }, { order: 'release', lock: released(counter) })
}
