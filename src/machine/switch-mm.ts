import { atomic, setBits, type Steps } from '../engine/model/step.js'
import { INIT_MM, this_cpu } from './cpu.js'
import { local_irq_restore, local_irq_save } from './irq.js'
import type { AddressSpace, MmContext } from './mm-context.js'
import type { Announced } from './profile.js'

/**
 * The context switch of an architecture with address-space numbers that needs no handshake with flushes: joins
 * `mm_cpumask` (and stays in it), then loads the tables. What the TLB holds of the old address space stays.
 */
export function* load_tables(next: MmContext | undefined): Steps {
  const cpu = yield* this_cpu()
  if (next) yield* setBits(next.cpumask, cpu.bit, { label: 'set CPU in mm_cpumask(next)' })
  yield* atomic('load page-table base', (m) => {
    cpu.machine.tlb?.unload(m, cpu)
    m.set(cpu.cr3, next?.id ?? INIT_MM)
    m.set(cpu.loaded_mm, next?.id ?? INIT_MM)
    cpu.machine.tlb?.load(m, cpu)
  })
}

/** `switch_mm`: this CPU goes on with another address space; undefined is init_mm, that of kernel threads. */
export function* switch_mm(next: AddressSpace | undefined, announced: Announced = 'first'): Steps {
  const { profile } = (yield* this_cpu()).machine
  const flags = yield* local_irq_save()
  yield* profile.switch_mm_irqs_off(next?.context, announced)
  yield* local_irq_restore(flags)
}

/** `current->mm = NULL` of a thread that exits: it makes no access to user addresses any more, whatever stays loaded. */
export function* user_mode_ends(): Steps {
  const cpu = yield* this_cpu()
  yield* atomic('current->mm = NULL', (m) => m.set(cpu.exited, 1))
}

/** `enter_lazy_tlb`: a kernel thread begins to run here and borrows the address space that is loaded. */
export function* enter_lazy_tlb(): Steps {
  const { profile } = (yield* this_cpu()).machine
  yield* profile.enter_lazy_tlb()
}
