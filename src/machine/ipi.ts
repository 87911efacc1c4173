import type { Access } from '../engine/model/memory.js'
import { atomic, Blocked, type Step, type Steps } from '../engine/model/step.js'
import { type Cpu, this_cpu } from './cpu.js'

/** What an IPI handler does to the CPU that takes it. Pure but for `m`. */
export type IpiHandler = (m: Access, target: Cpu) => void

const NOP: IpiHandler = () => undefined

/**
 * One IPI, sent and waited for: a step of the sender that is possible once the target has interrupts enabled, with
 * the handler's effect in it.
 */
export const ipi = (target: Cpu, handler: IpiHandler = NOP): Step<void> =>
  atomic(`<IPI to ${target.name}>`, (m) => {
    if (m.get(target.irqs_off)) return new Blocked(`${target.name} has interrupts off`)
    handler(m, target)
  })

/**
 * `kernel/smp.c:smp_call_function_many_cond` with wait. The targets are taken in ascending order: a handler here
 * only drops cached state of its CPU, so one that runs later than it could gives its CPU more behaviours, not fewer.
 */
export function* smp_call_function_many(mask: number, handler: IpiHandler = NOP): Steps {
  const self = yield* this_cpu()
  for (const target of self.machine.cpus) if (target !== self && mask & target.bit) yield* ipi(target, handler)
}

/**
 * `smp_call_function(nop, wait)`: returns after every other CPU has had interrupts enabled at least once. Not a grace
 * period: rcu_read_lock() and preempt_disable() do not hold it up.
 */
export function* smp_call_function_sync(): Steps {
  yield* smp_call_function_many(~0)
}
