import type { LockOp } from '../engine/model/lock.js'
import type { Access, Cell } from '../engine/model/memory.js'
import { atomic, type Step, type Steps } from '../engine/model/step.js'
import { type Cpu, this_cpu } from './cpu.js'
import { begins, ends, HARDIRQS_OFF, PREEMPT_OFF } from './lock-context.js'

const section = (cpu: Cpu, cell: Cell, value: (before: number) => number, label: string, lock: LockOp): Step =>
  atomic(label, (m: Access) => {
    const before = m.get(cell)
    cpu.setSection(m, cell, value(before))
    return before
  }, { lock })

/** From here on IPIs to this CPU wait; also an RCU read-side section. */
export function* local_irq_disable(): Steps {
  const cpu = yield* this_cpu()
  yield* section(cpu, cpu.irqs_off, () => 1, 'local_irq_disable()', begins(HARDIRQS_OFF))
}

/** Waiting IPIs are taken and, unless another section is open, grace periods go on. */
export function* local_irq_enable(): Steps {
  const cpu = yield* this_cpu()
  yield* section(cpu, cpu.irqs_off, () => 0, 'local_irq_enable()', ends(HARDIRQS_OFF))
}

/** Disables interrupts and returns what local_irq_restore() must put back: 1 if they were off already. */
export function* local_irq_save(): Steps<number> {
  const cpu = yield* this_cpu()
  return yield* section(cpu, cpu.irqs_off, () => 1, 'local_irq_save(flags)', begins(HARDIRQS_OFF))
}

export function* local_irq_restore(flags: number): Steps {
  const cpu = yield* this_cpu()
  yield* section(cpu, cpu.irqs_off, () => flags, 'local_irq_restore(flags)', ends(HARDIRQS_OFF))
}

export function* preempt_disable(): Steps {
  const cpu = yield* this_cpu()
  yield* section(cpu, cpu.preempt_count, (n) => n + 1, 'preempt_disable()', begins(PREEMPT_OFF))
}

export function* preempt_enable(): Steps {
  const cpu = yield* this_cpu()
  yield* section(cpu, cpu.preempt_count, (n) => n - 1, 'preempt_enable()', ends(PREEMPT_OFF))
}
